import VirbyKit

extension KeyFolder {
  /// Warns if the guest's folder holds more than its two files, for the guest sees all that is in it.
  ///
  /// The names may be anything and are not repeated.
  ///
  /// - Throws: 71 if the folder cannot be read.
  func warnOfStrays(_ log: Diagnostics) throws(Failure) {
    guard let guest = try openFolder(KeySetFile.guest) else { return }
    let path = "\(path)/\(KeySetFile.guest)"
    guard let entries = fdopendir(dup(guest.raw)) else {
      throw .system("cannot read the folder '\(path)'")
    }
    defer { closedir(entries) }
    let known = [".", ".."] + KeySetFile.allCases.filter(\.isGuests).map(\.baseName)
    while let entry = readdir(entries) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) {
        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      guard !known.contains(name) else { continue }
      log.warn("the guest sees more in '\(path)' than its two files")
      return
    }
  }
}

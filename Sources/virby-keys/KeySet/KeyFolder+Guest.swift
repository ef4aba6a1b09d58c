import VirbyKit

extension KeyFolder {
  /// Warns if the guest's folder holds more than its two files, for the guest sees it.
  ///
  /// The names may be anything and are not repeated.
  ///
  /// - Throws: 71 if the folder cannot be read.
  func warnOfStrays(_ log: Diagnostics) throws(Failure) {
    guard try folder.kind(KeySetFile.guest) == .folder else { return }
    let guest = try folder.folder(KeySetFile.guest)
    let known = KeySetFile.allCases.filter(\.isGuests).map(\.baseName)
    if try guest.names().contains(where: { !known.contains($0) }) {
      log.warn("the guest sees more in '\(guest.path)' than its two files")
    }
  }

  /// Makes room for files in the guest's folder: what is not a regular file under the name of one gives way,
  /// and so does the folder itself.
  ///
  /// - Throws: 71.
  func makeRoom(for files: [KeySetFile]) throws(Failure) {
    var code: Int32 = 0
    switch files.isEmpty ? nil : guestFlaw {
    case .other: code = folder.remove(KeySetFile.guest)
    case .mode: code = folder.protect(KeySetFile.guest)
    case nil: break
    }
    if code != 0 { throw .system("cannot write '\(path)/\(KeySetFile.guest)'", code) }
    for file in files where try folder.kind(file.rawValue) == .folder {
      try Path.removeTree(name(of: file))
    }
  }
}

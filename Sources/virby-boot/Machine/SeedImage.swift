import VirbyKit

/// The second disk, which drivers open for reading only, and which machines may share.
enum SeedImage {
  /// The real path of a seed that must exist.
  ///
  /// - Throws: 65 if no driver would take it for a disk, 71 if it cannot be opened.
  static func locate(_ path: String) throws(Failure) -> String {
    let hint = "make a seed with 'virby-seed'"
    let real = try Path.real(path, hintIfMissing: hint)
    guard let file = try Descriptor.openExisting(real, waiting: false), file.isRegularFile else {
      throw Failure(.malformed, "'\(path)' is not a seed: it is not a regular file", hint: hint)
    }
    let size = try file.size(path: path)
    guard size > 0, size % 512 == 0 else {
      throw Failure(.malformed, "'\(path)' is not a seed: its size is \(size) bytes", hint: hint)
    }
    return real
  }
}

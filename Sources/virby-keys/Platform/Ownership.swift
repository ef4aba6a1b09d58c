import VirbyKit

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// Whom an open file or folder belongs to, and who else may use it, by fstat(2).
struct Ownership {
  /// The owner's number.
  let user: UInt32
  /// The permission bits.
  let permissions: UInt16
  /// Whether it is a regular file.
  let isFile: Bool

  /// - Parameter action: What cannot be done if this fails: `cannot open 'keys'`.
  /// - Throws: 71.
  init(of descriptor: Descriptor, orFail action: @autoclosure () -> String) throws(Failure) {
    var status = stat()
    if fstat(descriptor.raw, &status) != 0 { throw .system(action()) }
    user = status.st_uid
    permissions = UInt16(status.st_mode & 0o7777)
    isFile = status.st_mode & S_IFMT == S_IFREG
  }

  /// Whether it belongs to the user for whom this process runs.
  var isOurs: Bool { user == geteuid() }
}

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

extension Descriptor {
  /// A sink for what nobody wants: /dev/null, open for writing.
  ///
  /// - Throws: 71.
  public static func null() throws(Failure) -> Descriptor { try open("/dev/null", O_WRONLY) }

  /// Makes a file without a name, in TMPDIR or /tmp, with mkstemp(3) and unlink(2).
  ///
  /// - Throws: 71.
  public static func temporary() throws(Failure) -> Descriptor {
    let folder = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var template = Array("\(folder)/virby.XXXXXX".utf8CString)
    let raw = mkstemp(&template)
    if raw < 0 { throw .system("cannot make a temporary file in '\(folder)'") }
    unlink(template)
    _ = fcntl(raw, F_SETFD, FD_CLOEXEC)
    return Descriptor(owning: raw)
  }

  /// Makes an empty file that only its owner may read, or empties one and takes others' rights away.
  ///
  /// - Throws: 71.
  public static func makePrivateFile(_ path: String) throws(Failure) {
    let file = try open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, mode: 0o600)
    if fchmod(file.raw, 0o600) != 0 { throw .system("cannot protect '\(path)'") }
  }

  /// The file's size in bytes, by fstat(2).
  ///
  /// - Throws: 71.
  public func size(path: String) throws(Failure) -> Int64 {
    var status = stat()
    if fstat(raw, &status) != 0 { throw .system("cannot look at '\(path)'") }
    return Int64(status.st_size)
  }
}

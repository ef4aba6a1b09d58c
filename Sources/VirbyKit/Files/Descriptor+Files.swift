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

  /// Makes a new, empty file that only its owner may read.
  ///
  /// - Throws: 71, also if the name is taken.
  public static func makePrivateFile(_ path: String) throws(Failure) -> Descriptor {
    try open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, mode: 0o600)
  }

  /// Takes away what rights others have to the file, with fchmod(2).
  ///
  /// - Throws: 71.
  public func makePrivate(path: String) throws(Failure) {
    if fchmod(raw, 0o600) != 0 { throw .system("cannot protect '\(path)'") }
  }

  /// The file's size in bytes, by fstat(2).
  ///
  /// - Throws: 71.
  public func size(path: String) throws(Failure) -> Int64 {
    var status = stat()
    if fstat(raw, &status) != 0 { throw .system("cannot look at '\(path)'") }
    return Int64(status.st_size)
  }

  /// What the file takes on the disk, in bytes: less than its size if it has holes, by fstat(2).
  ///
  /// - Throws: 71.
  public func allocatedSize(path: String) throws(Failure) -> Int64 {
    var status = stat()
    if fstat(raw, &status) != 0 { throw .system("cannot look at '\(path)'") }
    return Int64(status.st_blocks) * 512
  }
}

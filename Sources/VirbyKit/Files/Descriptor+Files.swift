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

  /// Opens a file that only its owner may read: makes one, or takes others' rights to it away.
  ///
  /// - Throws: 71, also for a symbolic link.
  public static func openPrivateFile(_ path: String) throws(Failure) -> Descriptor {
    let file = try open(path, O_RDWR | O_CREAT | O_NOFOLLOW, mode: 0o600)
    if fchmod(file.raw, 0o600) != 0 { throw .system("cannot protect '\(path)'") }
    return file
  }

  /// The file's size in bytes, by fstat(2).
  ///
  /// - Throws: 71.
  public func size(path: String) throws(Failure) -> Int64 {
    var status = stat()
    if fstat(raw, &status) != 0 { throw .system("cannot examine '\(path)'") }
    return Int64(status.st_size)
  }

  /// What the file takes on the disk, in bytes: less than its size if it has holes, by fstat(2).
  ///
  /// - Throws: 71.
  public func allocatedSize(path: String) throws(Failure) -> Int64 {
    var status = stat()
    if fstat(raw, &status) != 0 { throw .system("cannot examine '\(path)'") }
    return Int64(status.st_blocks) * 512
  }

  /// Whether it is a file and no folder, FIFO, device or socket, by fstat(2).
  public var isRegularFile: Bool {
    var status = stat()
    return fstat(raw, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
  }
}

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// A file descriptor that is closed when its last owner lets go of it.
public final class Descriptor: Sendable {
  /// The number.
  public let raw: Int32

  /// Takes over an open descriptor.
  public init(owning raw: Int32) {
    self.raw = raw
  }

  deinit { close(raw) }

  /// Opens a file with open(2), close-on-exec.
  ///
  /// - Parameters:
  ///   - flags: `O_RDONLY` and the like; `O_CLOEXEC` is added.
  ///   - mode: The permissions of a file that `O_CREAT` makes, before the umask.
  /// - Throws: 71 with `cannot open 'path'` and the reason.
  public static func open(
    _ path: String, _ flags: Int32, mode: mode_t = 0
  ) throws(Failure) -> Descriptor {
    while true {
      let raw = systemOpen(path, flags | O_CLOEXEC, mode)
      if raw >= 0 { return Descriptor(owning: raw) }
      if errno != EINTR { throw .system("cannot open '\(path)'") }
    }
  }

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

  /// Opens a file for reading and writing, which must exist.
  ///
  /// - Throws: 71.
  public static func openForUpdate(_ path: String) throws(Failure) -> Descriptor {
    try open(path, O_RDWR)
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

  /// Reads a whole file.
  ///
  /// - Throws: 71.
  public static func contents(of path: String) throws(Failure) -> [UInt8] {
    let file = try open(path, O_RDONLY)
    var contents: [UInt8] = []
    while true {
      let chunk = try file.read(upTo: 65536)
      if chunk.isEmpty { return contents }
      contents += chunk
    }
  }

  /// Makes a pipe with pipe(2), both ends close-on-exec.
  ///
  /// - Throws: 71.
  public static func pipe() throws(Failure) -> (read: Descriptor, write: Descriptor) {
    var ends: [Int32] = [-1, -1]
    if systemPipe(&ends) != 0 { throw .system("cannot make a pipe") }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return (Descriptor(owning: ends[0]), Descriptor(owning: ends[1]))
  }

  /// Reads with one read(2); nothing means the end.
  ///
  /// - Throws: 71.
  public func read(upTo count: Int) throws(Failure) -> [UInt8] {
    var chunk = [UInt8](repeating: 0, count: count)
    while true {
      let taken = systemRead(raw, &chunk, count)
      if taken >= 0 { return Array(chunk[..<taken]) }
      if errno != EINTR { throw .system("cannot read") }
    }
  }

  /// Asks for O_NONBLOCK with fcntl(2).
  public func setNonBlocking() {
    _ = fcntl(raw, F_SETFL, fcntl(raw, F_GETFL) | O_NONBLOCK)
  }
}

// Inside Descriptor the names of these calls are its own.
private func systemOpen(_ path: String, _ flags: Int32, _ mode: mode_t) -> Int32 {
  open(path, flags, mode)
}

private func systemPipe(_ ends: inout [Int32]) -> Int32 {
  pipe(&ends)
}

private func systemRead(_ descriptor: Int32, _ chunk: inout [UInt8], _ count: Int) -> Int {
  read(descriptor, &chunk, count)
}

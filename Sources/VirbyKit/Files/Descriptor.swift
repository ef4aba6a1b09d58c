import CVirby

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

  /// Takes over what another process has handed to this one; its own children do not get it.
  public convenience init(inherited raw: Int32) {
    self.init(owning: raw)
    _ = fcntl(raw, F_SETFD, FD_CLOEXEC)
  }

  deinit { close(raw) }

  /// Opens a file with open(2), close-on-exec.
  ///
  /// - Parameters:
  ///   - flags: `O_RDONLY` and the like; `O_CLOEXEC` is added.
  ///   - mode: The permissions of a file that `O_CREAT` makes, before the umask.
  ///   - action: What cannot be done if this fails; by default `cannot open 'path'`.
  ///   - hint: What to do about it.
  /// - Throws: 71.
  public static func open(
    _ path: String, _ flags: Int32 = O_RDONLY, mode: mode_t = 0, orFail action: String? = nil,
    hint: String? = nil
  ) throws(Failure) -> Descriptor {
    while true {
      let raw = systemOpen(path, flags | O_CLOEXEC, mode)
      if raw >= 0 { return Descriptor(owning: raw) }
      if errno != EINTR { throw .system(action ?? "cannot open '\(path)'", hint: hint) }
    }
  }

  /// Makes a pipe with pipe2(2), or pipe(2) where there is none; both ends are close-on-exec.
  ///
  /// - Throws: 71.
  public static func pipe() throws(Failure) -> (read: Descriptor, write: Descriptor) {
    var ends: [Int32] = [-1, -1]
    if cvirby_pipe(&ends) != 0 { throw .system("cannot make a pipe") }
    return (Descriptor(owning: ends[0]), Descriptor(owning: ends[1]))
  }

  /// Asks for O_NONBLOCK with fcntl(2).
  public func setNonBlocking() {
    _ = fcntl(raw, F_SETFL, fcntl(raw, F_GETFL) | O_NONBLOCK)
  }

  /// Takes O_NONBLOCK back, for a program that is handed the descriptor and expects to wait.
  public func setBlocking() {
    _ = fcntl(raw, F_SETFL, fcntl(raw, F_GETFL) & ~O_NONBLOCK)
  }
}

// Inside Descriptor the name `open` is its own.
private func systemOpen(_ path: String, _ flags: Int32, _ mode: mode_t) -> Int32 {
  open(path, flags, mode)
}

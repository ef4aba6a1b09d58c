#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

extension Descriptor {
  /// Opens a file for reading with open(2), close-on-exec, if there is one.
  ///
  /// - Parameters:
  ///   - waiting: Whether to wait for the writer of a FIFO.
  ///   - following: Whether to follow a symbolic link that bears the name.
  /// - Returns: nil if the file, or a folder on the way to it, is not there.
  /// - Throws: 71, also for a symbolic link that is not to be followed.
  public static func openExisting(
    _ path: String, waiting: Bool = true, following: Bool = true
  ) throws(Failure) -> Descriptor? {
    while true {
      let raw = systemOpen(path, (waiting ? 0 : O_NONBLOCK) | (following ? 0 : O_NOFOLLOW))
      if raw >= 0 { return Descriptor(owning: raw) }
      if errno == ENOENT { return nil }
      if errno != EINTR { throw .system("cannot open '\(path)'") }
    }
  }
}

extension Descriptor {
  /// Whether a descriptor that another process has handed to this one can be written to, by F_GETFL of fcntl(2); if so
  /// the children of this process do not get it.
  public static func isWritable(inherited raw: Int32) -> Bool {
    let flags = fcntl(raw, F_GETFL)
    guard flags >= 0, flags & O_ACCMODE != O_RDONLY else { return false }
    return fcntl(raw, F_SETFD, FD_CLOEXEC) == 0
  }
}

// Inside Descriptor the name `open` is its own.
private func systemOpen(_ path: String, _ flags: Int32) -> Int32 {
  open(path, O_RDONLY | O_CLOEXEC | flags)
}

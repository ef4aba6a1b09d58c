#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

extension Descriptor {
  /// Opens a file for reading with open(2), close-on-exec, if there is one.
  ///
  /// - Parameter waiting: Whether to wait for the writer of a FIFO.
  /// - Returns: nil if the file, or a folder on the way to it, is not there.
  /// - Throws: 71.
  public static func openExisting(
    _ path: String, waiting: Bool = true
  ) throws(Failure) -> Descriptor? {
    while true {
      let raw = systemOpen(path, waiting ? 0 : O_NONBLOCK)
      if raw >= 0 { return Descriptor(owning: raw) }
      if errno == ENOENT { return nil }
      if errno != EINTR { throw .system("cannot open '\(path)'") }
    }
  }
}

// Inside Descriptor the name `open` is its own.
private func systemOpen(_ path: String, _ flags: Int32) -> Int32 {
  open(path, O_RDONLY | O_CLOEXEC | flags)
}

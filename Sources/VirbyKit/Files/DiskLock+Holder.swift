#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

extension DiskLock {
  /// Who holds a disk's lock.
  public enum Holder: Equatable, Sendable, CustomStringConvertible {
    /// The process that took it.
    case process(pid_t)
    /// Another one, to which a process that has ended left it.
    case unknown

    /// As messages call it.
    public var description: String {
      switch self {
      case .process(let pid): "process \(pid)"
      case .unknown: "another process"
      }
    }
  }

  /// Finds out who holds a disk's lock, by trying flock(2) for a moment; makes nothing.
  ///
  /// - Parameter disk: The real path of the disk.
  /// - Returns: `nil` if nobody does.
  /// - Throws: 71 if that cannot be found out.
  public static func holder(of disk: String) throws(Failure) -> Holder? {
    let path = "\(disk).lock"
    guard let file = try Descriptor.openExisting(path, waiting: false) else { return nil }
    if flock(file.raw, LOCK_SH | LOCK_NB) == 0 { return nil }
    guard errno == EWOULDBLOCK else { throw .system("cannot lock '\(path)'") }
    return holder(file)
  }

  /// Who stands in a lock file that is held, by kill(2).
  static func holder(_ file: Descriptor) -> Holder {
    guard let bytes = try? file.bytes(count: 20, at: 0, path: "lock"),
      let end = bytes.firstIndex(of: UInt8(ascii: "\n")),
      let pid = pid_t(String(decoding: bytes[..<end], as: UTF8.self)), pid > 0,
      kill(pid, 0) == 0 || errno == EPERM
    else { return .unknown }
    return .process(pid)
  }
}

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// A stream socket in the file system, from the client's side.
public enum UnixSocket {
  /// The most bytes that a path may have, on the system that allows least (`sun_path` on macOS).
  public static let maximumPathLength = 103

  /// Connects with connect(2).
  ///
  /// - Returns: nil if nobody listens there, or not yet.
  /// - Throws: 71 for any other reason.
  public static func connect(_ path: String) throws(Failure) -> Descriptor? {
    #if canImport(Darwin)
      let type = SOCK_STREAM
    #else
      let type = Int32(SOCK_STREAM.rawValue)
    #endif
    let raw = socket(AF_UNIX, type, 0)
    if raw < 0 { throw .system("cannot make a socket") }
    let descriptor = Descriptor(owning: raw)
    _ = fcntl(raw, F_SETFD, FD_CLOEXEC)

    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) {
      $0.copyBytes(from: path.utf8.prefix($0.count - 1))
    }
    let size = socklen_t(MemoryLayout<sockaddr_un>.size)
    let code = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { systemConnect(raw, $0, size) }
    }
    if code == 0 { return descriptor }
    if [ENOENT, ECONNREFUSED].contains(errno) { return nil }
    throw .system("cannot connect to '\(path)'")
  }
}

private func systemConnect(
  _ socket: Int32, _ address: UnsafePointer<sockaddr>, _ size: socklen_t
) -> Int32 {
  connect(socket, address, size)
}

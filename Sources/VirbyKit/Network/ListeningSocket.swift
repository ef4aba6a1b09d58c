import CVirby

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// A socket that clients connect to, non-blocking and close-on-exec.
public struct ListeningSocket: Sendable {
  /// The socket's descriptor; closed when its last owner lets go of it.
  public let descriptor: Descriptor
  /// Where it listens, by getsockname(2).
  public let endpoint: Endpoint
  /// The inode of the socket file that `init(at:)` has made.
  private let inode: ino_t?

  /// What came of an attempt to accept.
  public enum Acceptance: Sendable {
    /// A client.
    case client(Socket)
    /// Nobody is waiting.
    case nobody
    /// Somebody may be waiting, but this process or the system is short of something (EMFILE …).
    case shortage(Int32)
    /// One client after the other was lost to an error of its own, or that is what the system says.
    case failing(Int32)
  }

  private static let mostLost = 64

  /// Binds and listens, with SO_REUSEADDR; for a path with permissions 0600.
  ///
  /// A socket that a dead process has left under a path is replaced, one that is listened on is not.
  ///
  /// - Throws: 71 with `cannot listen on 'ADDR:PORT'`; 64 if a path is too long.
  public init(at endpoint: Endpoint) throws(Failure) {
    let address = try SocketAddress(endpoint)
    descriptor = Descriptor(owning: cvirby_socket(address.family))
    let raw = descriptor.raw
    guard raw >= 0 else { throw Self.cannotListen(on: endpoint) }
    var yes: Int32 = 1
    let size = socklen_t(MemoryLayout<Int32>.size)
    if address.family != AF_UNIX { setsockopt(raw, SOL_SOCKET, SO_REUSEADDR, &yes, size) }
    if address.family == AF_INET6 {
      setsockopt(raw, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &yes, size)
    }
    // The socket file is born with its permissions; a chmod would come too late.
    let mask = umask(0o177)
    defer { _ = umask(mask) }
    var code = address.read { bind(raw, $0, $1) }
    if code != 0, errno == EADDRINUSE, case .unix(let path) = endpoint, Self.isAbandoned(path) {
      unlink(path)
      code = address.read { bind(raw, $0, $1) }
    }
    guard code == 0, listen(raw, SOMAXCONN) == 0 else { throw Self.cannotListen(on: endpoint) }
    self.endpoint = Self.name(of: raw) ?? endpoint
    inode = Self.inode(of: endpoint)
  }

  /// Takes over a descriptor that a service manager has bound and listens on.
  ///
  /// O_NONBLOCK belongs to the open file description, which the service manager and the next process
  /// share: nothing is assumed about it, and it is set here.
  ///
  /// - Throws: 64 if it is no such socket.
  public init(inherited raw: Int32) throws(Failure) {
    var listens: Int32 = 0
    var size = socklen_t(MemoryLayout<Int32>.size)
    let code = getsockopt(raw, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size)
    guard code == 0, listens != 0, let endpoint = Self.name(of: raw) else {
      throw Failure(
        .usage, "descriptor \(raw) is not a listening socket",
        hint: "fd:\(raw) is for a socket that launchd or systemd hands over")
    }
    descriptor = Descriptor(owning: raw)
    self.endpoint = endpoint
    inode = nil
    _ = fcntl(raw, F_SETFD, FD_CLOEXEC)
    descriptor.setNonBlocking()
  }

  /// Has every client that is accepted send small writes at once, and be probed when it is idle.
  ///
  /// On Linux a client inherits all of that from this socket, which saves six calls a client. XNU lets it
  /// inherit a part only (bsd/netinet/tcp_input.c leaves TCP_KEEPALIVE out), so `accept` sets it there.
  public func tuneClients() {
    #if !canImport(Darwin)
      let socket = Socket(descriptor)
      socket.sendAtOnce()
      socket.probePeer()
    #endif
  }

  private static func client(_ raw: Int32) -> Socket {
    let socket = Socket(raw)
    #if canImport(Darwin)
      socket.sendAtOnce()
      socket.probePeer()
    #endif
    return socket
  }

  /// Takes the next waiting client with accept(2).
  ///
  /// - Throws: 71 if the socket can accept no more.
  public func accept() throws(Failure) -> Acceptance {
    for _ in 1...Self.mostLost {
      let raw = cvirby_accept(descriptor.raw)
      if raw >= 0 { return .client(Self.client(raw)) }
      switch errno {
      case EAGAIN: return .nobody
      case EMFILE, ENFILE, ENOBUFS, ENOMEM: return .shortage(errno)
      // A client that left again, and what accept(2) passes on of the new connection's own errors.
      case EINTR, ECONNABORTED, EPROTO, EPERM, ENETDOWN, ENETUNREACH, EHOSTDOWN, EHOSTUNREACH:
        continue
      default: throw cannotAccept(errno)
      }
    }
    return .failing(errno)
  }

  /// The failure of a socket that accepts no more.
  public func cannotAccept(_ code: Int32) -> Failure {
    .system("cannot accept connections on '\(endpoint.operand)'", code)
  }

  /// Removes the socket file, if `init(at:)` has made one and it is still the same.
  public func removeFile() {
    guard case .unix(let path) = endpoint, inode != nil, inode == Self.inode(of: endpoint) else {
      return
    }
    unlink(path)
  }

  private static func inode(of endpoint: Endpoint) -> ino_t? {
    guard case .unix(let path) = endpoint else { return nil }
    var status = stat()
    return lstat(path, &status) == 0 ? status.st_ino : nil
  }

  private static func name(of raw: Int32) -> Endpoint? {
    var address = SocketAddress()
    return address.write { getsockname(raw, $0, $1) } == 0 ? address.endpoint : nil
  }

  /// Whether the path is a socket that refuses connections because nobody has it open.
  private static func isAbandoned(_ path: String) -> Bool {
    var status = stat()
    guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK,
      let address = try? SocketAddress(.unix(path: path))
    else { return false }
    let probe = Descriptor(owning: cvirby_socket(AF_UNIX))
    return address.read { connect(probe.raw, $0, $1) } != 0 && errno == ECONNREFUSED
  }

  private static func cannotListen(on endpoint: Endpoint) -> Failure {
    let code = errno
    var hint: String?
    if code == EADDRINUSE, case .tcp(_, let port) = endpoint {
      hint = "see who listens there with 'lsof -nP -iTCP:\(port)'"
    }
    return .system("cannot listen on '\(endpoint.operand)'", code, hint: hint)
  }
}

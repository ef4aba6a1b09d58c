import CVirby

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// A connected stream socket, non-blocking and close-on-exec.
public struct Socket: Sendable {
  /// The socket's descriptor; closed when its last owner lets go of it.
  public let descriptor: Descriptor

  /// What came of an attempt to move bytes.
  public enum Transfer: Equatable, Sendable {
    /// That many bytes have been moved; at least one.
    case moved(Int)
    /// The other side will send no more.
    case end
    /// Not now; readiness will tell when.
    case blocked
    /// The connection is broken: an `errno`.
    case failed(Int32)
  }

  init(_ descriptor: Descriptor) { self.descriptor = descriptor }

  init(_ raw: Int32) {
    descriptor = Descriptor(owning: raw)
    #if canImport(Darwin)
      set(SOL_SOCKET, SO_NOSIGPIPE, 1)
    #endif
  }

  /// Starts a connection with connect(2); it is made, or has failed, when the socket is writable.
  ///
  /// - Throws: The failure of socket(2) or connect(2), with the bare reason as its message; 64 if a path
  ///   is too long.
  public static func connect(to endpoint: Endpoint) throws(Failure) -> Socket {
    let address = try SocketAddress(endpoint)
    let raw = cvirby_socket(address.family)
    if raw < 0 { throw Failure(.system, Failure.reason(errno)) }
    let socket = Socket(raw)
    let code = address.read { systemConnect(raw, $0, $1) }
    guard code == 0 || errno == EINPROGRESS || errno == EINTR else {
      throw Failure(.unavailable, Failure.reason(errno))
    }
    return socket
  }

  /// Two sockets connected with each other, by socketpair(2).
  ///
  /// - Throws: 71.
  public static func pair() throws(Failure) -> (Socket, Socket) {
    var ends: [Int32] = [-1, -1]
    if cvirby_socketpair(&ends) != 0 { throw .system("cannot make a pair of sockets") }
    return (Socket(ends[0]), Socket(ends[1]))
  }

  /// Takes the pending error with SO_ERROR: 0, or why the connection failed or broke.
  public func takeError() -> Int32 {
    var code: Int32 = 0
    var size = socklen_t(MemoryLayout<Int32>.size)
    let result = getsockopt(descriptor.raw, SOL_SOCKET, SO_ERROR, &code, &size)
    return result == 0 ? code : errno
  }

  /// Reads with recv(2).
  public func receive(into buffer: UnsafeMutableRawBufferPointer) -> Transfer {
    transfer { recv(descriptor.raw, buffer.baseAddress, buffer.count, 0) }
  }

  /// Reads with recv(2) and MSG_PEEK, which leaves the bytes to be read again.
  public func peek(into buffer: UnsafeMutableRawBufferPointer) -> Transfer {
    transfer { recv(descriptor.raw, buffer.baseAddress, buffer.count, Int32(MSG_PEEK)) }
  }

  /// Writes with send(2); a peer that is gone is `failed(EPIPE)`, never a signal.
  public func send(_ bytes: UnsafeRawBufferPointer) -> Transfer {
    transfer { cvirby_send(descriptor.raw, bytes.baseAddress, bytes.count) }
  }

  /// What came of a call on this socket that returns how many bytes it has moved, or -1 with `errno`; made
  /// again after an interruption.
  public func transfer(_ call: () -> Int) -> Transfer {
    while true {
      let count = call()
      if count > 0 { return .moved(count) }
      if count == 0 { return .end }
      switch errno {
      case EINTR: continue
      case EAGAIN: return .blocked
      default: return .failed(errno)
      }
    }
  }

  /// Tells the other side that no more bytes will come, with shutdown(2); reading goes on.
  public func finishWriting() {
    _ = shutdown(descriptor.raw, Int32(SHUT_WR))
  }
}

private func systemConnect(
  _ raw: Int32, _ address: UnsafePointer<sockaddr>, _ length: socklen_t
) -> Int32 {
  connect(raw, address, length)
}

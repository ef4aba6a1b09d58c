import VirbyKit

/// One of the two sockets of a connection, and what readiness has told of it.
///
/// A flag holds until a call says `blocked`.
final class Leg {
  let socket: Socket
  let token: UInt64
  private(set) var mayRead = false
  private(set) var mayWrite = false
  /// The other side will send no more than there is to read.
  private(set) var hasEnded = false
  /// The connection is broken, or closed in both directions.
  private(set) var isHungUp = false
  private var error: Int32 = 0

  init(_ socket: Socket, token: UInt64) {
    self.socket = socket
    self.token = token
  }

  /// The socket's error, an `errno`, or 0. The system tells it once; here it stays.
  func failure() -> Int32 {
    if error == 0 { error = socket.takeError() }
    return error
  }

  /// Whether the socket has an error that no call has told: it can break while nothing is read from it
  /// because the other leg takes no more.
  var hasFailed: Bool { isHungUp && failure() != 0 }

  func note(_ notice: Readiness.Notice) {
    if notice.isReadable { mayRead = true }
    if notice.isWritable { mayWrite = true }
    if notice.hasEnded { hasEnded = true }
    if notice.isHungUp { isHungUp = true }
  }

  func receive(into buffer: UnsafeMutableRawBufferPointer) -> Socket.Transfer {
    let transfer = socket.receive(into: buffer)
    if transfer == .blocked { mayRead = false }
    // Once its error has been taken, a socket that was reset reads as if its peer had ended.
    return transfer == .end && error != 0 ? .failed(error) : transfer
  }

  func peek(into buffer: UnsafeMutableRawBufferPointer) -> Socket.Transfer {
    let transfer = socket.peek(into: buffer)
    if transfer == .blocked { mayRead = false }
    return transfer
  }

  func send(_ bytes: UnsafeRawBufferPointer) -> Socket.Transfer {
    let transfer = socket.send(bytes)
    if transfer == .blocked { mayWrite = false }
    return transfer
  }

  func drain(_ pipe: SplicePipe) -> Socket.Transfer {
    let transfer = pipe.drain(to: socket)
    if transfer == .blocked { mayWrite = false }
    return transfer
  }
}

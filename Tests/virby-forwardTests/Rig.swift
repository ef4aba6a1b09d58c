@testable import VirbyKit
@testable import virby_forward

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// The two forms of a carrier: with pipes where the system has them, or with the buffer alone, as on macOS.
enum Way: CaseIterable {
  case splicing, copying
}

/// A relay between two socket pairs: `client` and `server` are the outer ends.
final class Rig {
  let client: Socket
  /// Closed when it is set to nil.
  var server: Socket?
  let relay: Relay
  private let legs: [Leg]
  private let carrier: Carrier

  init(_ way: Way) throws {
    // splice(2) cannot be told not to raise it; the commands ignore it too.
    signal(SIGPIPE, SIG_IGN)
    carrier = Carrier(mostPipes: way == .splicing ? 2 : 0)
    let (client, near) = try Socket.pair()
    let (server, far) = try Socket.pair()
    self.client = client
    self.server = server
    legs = [Leg(near, token: 1), Leg(far, token: 2)]
    relay = Relay(client: legs[0], server: legs[1])
  }

  /// A turn after what an edge-triggered notice says when something has happened to every leg.
  func turn() -> Bool {
    for leg in legs {
      leg.note(
        .init(
          token: leg.token, isReadable: true, isWritable: true, hasEnded: false,
          isHungUp: false))
    }
    return relay.turn(by: carrier)
  }

  /// The client ends its side, and readiness says so.
  func endClient() {
    client.finishWriting()
    legs[0].note(
      .init(token: 1, isReadable: true, isWritable: true, hasEnded: true, isHungUp: false))
    _ = turn()
  }

  /// Sends, from the client if no one else is named, until neither the sender nor the relay gets rid of
  /// anything; returns how much.
  @discardableResult
  func stuff(from sender: Socket? = nil) -> Int {
    let chunk = [UInt8](repeating: 9, count: 64 << 10)
    var sent = 0
    var blocked = 0
    while blocked < 3 {
      if case .moved(let count) = send(chunk, from: sender ?? client) {
        sent += count
        blocked = 0
      } else {
        blocked += 1
      }
      _ = turn()
    }
    return sent
  }

  func send(_ bytes: [UInt8], from socket: Socket?) -> Socket.Transfer {
    bytes.withUnsafeBytes { socket?.send($0) ?? .failed(EPIPE) }
  }

  func receive(
    _ socket: Socket?, most: Int = 1 << 20
  ) -> (bytes: [UInt8], transfer: Socket.Transfer) {
    var bytes = [UInt8](repeating: 0, count: most)
    let transfer = bytes.withUnsafeMutableBytes { socket?.receive(into: $0) ?? .end }
    if case .moved(let count) = transfer { return (Array(bytes[..<count]), transfer) }
    return ([], transfer)
  }
}

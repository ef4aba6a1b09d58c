import VirbyKit

/// A connection at work: two legs and the two directions between them.
final class Relay {
  let client: Leg
  let server: Leg
  /// From the client to the server.
  private(set) var inward = Flow()
  /// From the server to the client.
  private(set) var outward = Flow()
  private var isBroken = false

  init(client: Leg, server: Leg) {
    self.client = client
    self.server = server
  }

  /// Whether both directions have ended, or one is broken.
  var isOver: Bool { isBroken || (inward.state == .ended && outward.state == .ended) }

  /// Whether the token is that of one of the legs.
  func leg(_ token: UInt64) -> Leg? {
    [client, server].first { $0.token == token }
  }

  /// Moves what can be moved in both directions.
  ///
  /// - Returns: Whether another turn is due at once.
  func turn(through scratch: Scratch) -> Bool {
    let outwardPause = outward.move(from: server, to: client, through: scratch)
    let inwardPause = inward.move(from: client, to: server, through: scratch)
    guard inward.isBroken || outward.isBroken || client.hasFailed || server.hasFailed else {
      return outwardPause == .turnOver || inwardPause == .turnOver
    }
    // The server's last words may tell why it takes no more.
    _ = outward.move(from: server, to: client, through: scratch)
    breakOff()
    return false
  }

  /// Ends both legs with a reset: what broke one must not look to the other as if all had been said.
  func breakOff() {
    isBroken = true
    client.socket.resetOnClose()
    server.socket.resetOnClose()
  }
}

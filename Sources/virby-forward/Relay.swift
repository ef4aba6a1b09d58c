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

  private var hasFailed: Bool { client.hasFailed || server.hasFailed }

  /// Whether the client has ended its side, and the server has not.
  var isHalfClosed: Bool { client.hasEnded && outward.state == .open }

  /// The leg that the token belongs to.
  func leg(_ token: UInt64) -> Leg? {
    if client.token == token { return client }
    return server.token == token ? server : nil
  }

  /// Moves what can be moved in both directions.
  ///
  /// - Returns: Whether another turn is due at once.
  func turn(by carrier: Carrier) -> Bool {
    let outwardPause = outward.move(from: server, to: client, by: carrier)
    let inwardPause = inward.move(from: client, to: server, by: carrier)
    if inward.state == .broken || outward.state == .broken || (!isOver && hasFailed) {
      // The server's last words may tell why it takes no more.
      _ = outward.move(from: server, to: client, by: carrier)
      breakOff()
      return false
    }
    return outwardPause == .turnOver || inwardPause == .turnOver
  }

  /// Ends both legs with a reset: what broke one must not look to the other as if all had been said.
  func breakOff() {
    isBroken = true
    client.socket.resetOnClose()
    server.socket.resetOnClose()
  }
}

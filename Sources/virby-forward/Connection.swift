import VirbyKit

/// A client, from its acceptance to its end: waiting → relaying → closed.
///
/// Nothing is read from a client before its server is ready, so that any attempt may be the one that
/// carries it.
final class Connection {
  enum State {
    /// Attempts are made for it, or it is not yet its turn.
    case waiting
    /// Bytes flow.
    case relaying(Relay)
    /// Over.
    case closed
  }

  let id: UInt64
  private(set) var state = State.waiting
  /// Those of a client that waits.
  private(set) var attempts = Attempts()
  /// When a client that still waits is closed.
  private(set) var patienceEnd: ContinuousClock.Instant
  /// Whether the server has been ready for it.
  private(set) var wasReady = false
  /// Bytes that have reached the server, and the client.
  private(set) var counts: (in: UInt64, out: UInt64) = (0, 0)
  /// Whether readiness has told something since the latest turn.
  private(set) var isDue = false
  /// Kept where the client's end may not reach the server.
  private(set) var silence: Silence?
  private let client: Leg
  private var attemptCount: UInt64 = 0

  /// A client that has just been accepted.
  init(id: UInt64, client: Socket, until patienceEnd: ContinuousClock.Instant) {
    self.id = id
    self.client = Leg(client, token: Self.token(id, 0))
    self.patienceEnd = patienceEnd
  }

  // The client is leg 0, attempt N is leg N: a late notice of an attempt given up finds nobody.
  private static func token(_ id: UInt64, _ leg: UInt64) -> UInt64 { id << 20 | leg & 0xfffff }

  /// The connection that a token belongs to; ids count from 1.
  static func id(of token: UInt64) -> UInt64 { token >> 20 }

  /// Starts to watch the client.
  ///
  /// - Throws: 71.
  func watch(with readiness: Readiness) throws(Failure) {
    try readiness.add(client.socket, token: client.token)
  }

  /// Makes an attempt at the guest's port.
  ///
  /// - Parameter warm: Whether the server has been ready before.
  /// - Throws: 71, or 64 for a path that is too long; an attempt that fails is no error.
  func attempt(_ target: Endpoint, warm: Bool, with readiness: Readiness) throws(Failure) {
    attemptCount += 1
    silence = if case .unix = target { Silence() } else { nil }
    let token = Self.token(id, attemptCount)
    guard
      let socket = try attempts.add(target, token: token, warm: warm, until: patienceEnd)
    else { return }
    try readiness.add(socket, token: token)
  }

  /// Takes note of what readiness tells of one of the legs.
  func note(_ notice: Readiness.Notice) {
    isDue = true
    if notice.token == client.token { return client.note(notice) }
    switch state {
    case .waiting: attempts.leg(notice.token)?.note(notice)
    case .relaying(let relay): relay.leg(notice.token)?.note(notice)
    case .closed: break
    }
  }

  /// Does what can be done without waiting.
  ///
  /// - Returns: Whether another turn is due at once.
  func turn(_ readying: Readying, by carrier: Carrier) -> Bool {
    isDue = false
    switch state {
    case .waiting:
      // One that has only ended its own side, like `nc -N`, still wants its answer.
      if client.isHungUp {
        close()
        return false
      }
      return judge(readying, by: carrier)
    case .relaying(let relay):
      return work(relay, by: carrier)
    case .closed:
      return false
    }
  }

  private func judge(
    _ readying: Readying, at now: ContinuousClock.Instant = .now, by carrier: Carrier
  ) -> Bool {
    guard let attempt = attempts.judge(readying, at: now) else { return false }
    wasReady = true
    let relay = Relay(client: client, server: attempt.leg)
    state = .relaying(relay)
    defer { attempt.leg.socket.probePeer() }
    return work(relay, by: carrier)
  }

  private func work(_ relay: Relay, by carrier: Carrier) -> Bool {
    let more = relay.turn(by: carrier)
    counts = (relay.inward.count, relay.outward.count)
    if relay.isOver { state = .closed }
    silence?.heed(relay)
    return more
  }

  /// Gives up the attempts that have been silent for too long.
  ///
  /// - Returns: Whether another turn is due at once.
  func expire(at now: ContinuousClock.Instant, _ readying: Readying, by carrier: Carrier) -> Bool {
    guard case .waiting = state, attempts.inFlight.contains(where: { $0.deadline <= now }) else {
      return false
    }
    return judge(readying, at: now, by: carrier)
  }

  /// The host has slept: a peer may be gone without a word, and nobody has waited for that long.
  func outlast(_ sleep: Duration) {
    patienceEnd += sleep
    silence?.outlast(sleep)
    client.socket.hastenProbes()
    if case .relaying(let relay) = state { relay.server.socket.hastenProbes() }
  }

  /// Ends the connection, as a broken one if bytes were flowing or the client has broken it itself.
  func close() {
    switch state {
    case .relaying(let relay): relay.breakOff()
    case .waiting: attempts.end(broken: client.isHungUp)
    case .closed: break
    }
    state = .closed
  }
}

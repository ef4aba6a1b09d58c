import VirbyKit

/// A client, from its acceptance to its end: held → trying → relaying → closed, and back from trying to
/// held as often as its patience allows.
///
/// Nothing is read from a client before its server is ready, so that any attempt may be the one that
/// carries it.
final class Connection {
  enum State {
    /// Waits for its next attempt, which is not due before that instant.
    case held(until: ContinuousClock.Instant)
    /// An attempt is in flight.
    case trying(Attempt)
    /// Bytes flow.
    case relaying(Relay)
    /// Over.
    case closed
  }

  let id: UInt64
  private(set) var state: State
  /// When a client that still waits is closed.
  private(set) var patienceEnd: ContinuousClock.Instant
  /// Whether the server has been ready for it.
  private(set) var wasReady = false
  /// Why the latest attempt failed.
  private(set) var latestRefusal = "it was not its turn to try"
  /// Bytes that have reached the server, and the client.
  private(set) var counts: (in: UInt64, out: UInt64) = (0, 0)
  private let client: Leg
  private var attempts: UInt64 = 0
  private var backoff: Backoff?

  /// A client that has just been accepted.
  init(id: UInt64, client: Socket, until patienceEnd: ContinuousClock.Instant) {
    self.id = id
    self.client = Leg(client, token: Self.token(id, 0))
    self.patienceEnd = patienceEnd
    state = .held(until: .now)
  }

  // The client is leg 0, attempt N is leg N: a late notice of an attempt given up finds nobody.
  private static func token(_ id: UInt64, _ leg: UInt64) -> UInt64 { id << 20 | leg & 0xfffff }

  /// The connection that a token belongs to; ids count from 1.
  static func id(of token: UInt64) -> UInt64 { token >> 20 }

  /// Starts to watch the client.
  ///
  /// - Throws: 71.
  func watch(with readiness: Readiness) throws(Failure) {
    client.socket.tune()
    try readiness.add(client.socket, token: client.token)
  }

  /// Makes an attempt at the guest's port.
  ///
  /// - Parameter warm: Whether the server has been ready before.
  /// - Throws: 71, or 64 for a path that is too long; an attempt that fails is no error.
  func attempt(_ target: Endpoint, warm: Bool, with readiness: Readiness) throws(Failure) {
    attempts += 1
    let backoff = self.backoff ?? Backoff(warm: warm)
    self.backoff = backoff
    let socket: Socket
    do throws(Failure) {
      socket = try Socket.connect(to: target)
    } catch {
      if error.status == .usage { throw error }
      return retreat(error.message)
    }
    socket.tune()
    let leg = Leg(socket, token: Self.token(id, attempts))
    let silence = ContinuousClock.now + backoff.silence
    state = .trying(Attempt(leg, deadline: min(silence, patienceEnd)))
    try readiness.add(socket, token: leg.token)
  }

  /// Takes note of what readiness tells of one of the legs.
  func note(_ notice: Readiness.Notice) {
    if notice.token == client.token { return client.note(notice) }
    switch state {
    case .trying(let attempt) where attempt.leg.token == notice.token: attempt.leg.note(notice)
    case .relaying(let relay): relay.leg(notice.token)?.note(notice)
    default: break
    }
  }

  /// Does what can be done without waiting.
  ///
  /// - Returns: Whether another turn is due at once.
  func turn(_ readying: Readying, through scratch: Scratch) -> Bool {
    switch state {
    case .held, .trying:
      // One that has only ended its own side, like `nc -N`, still wants its answer.
      if client.isHungUp { state = .closed } else { judge(readying) }
      if case .relaying = state { return turn(readying, through: scratch) }
      return false
    case .relaying(let relay):
      let more = relay.turn(through: scratch)
      counts = (relay.inward.count, relay.outward.count)
      if relay.isOver { state = .closed }
      return more
    case .closed:
      return false
    }
  }

  private func judge(_ readying: Readying) {
    guard case .trying(let attempt) = state else { return }
    switch attempt.judge(readying) {
    case .pending: break
    case .ready:
      wasReady = true
      state = .relaying(Relay(client: client, server: attempt.leg))
    case .refused(let reason): retreat(reason)
    }
  }

  /// Gives up an attempt that has been silent for too long.
  func expire(at now: ContinuousClock.Instant, _ readying: Readying) {
    guard case .trying(let attempt) = state, attempt.deadline <= now else { return }
    judge(readying)
    guard case .trying = state else { return }
    latestRefusal = "it stayed silent"
    backoff?.silent()
    state = .held(until: now)
  }

  private func retreat(_ reason: String) {
    latestRefusal = reason
    state = .held(until: .now + (backoff?.refused() ?? .zero))
  }

  /// The host has slept: a peer may be gone without a word, and nobody has waited for that long.
  func outlast(_ sleep: Duration) {
    patienceEnd += sleep
    client.socket.hastenProbes()
    if case .relaying(let relay) = state { relay.server.socket.hastenProbes() }
  }

  /// Ends the connection, as a broken one if bytes were flowing.
  func close() {
    if case .relaying(let relay) = state { relay.breakOff() }
    state = .closed
  }
}

import VirbyKit

/// One client's attempts at the guest's port. As long as none is answered several are in flight, and the first
/// that is greeted carries the client.
struct Attempts {
  /// In the order in which they were made.
  private(set) var inFlight: [Attempt] = []
  /// When the next is to be made.
  private(set) var due = ContinuousClock.now
  /// Why the latest that failed has failed.
  private(set) var latestRefusal = "it was not yet its turn"
  private var pace: Pace?
  private var isBlind = false
  private var patienceEnd = ContinuousClock.now

  /// When there is something to do by itself.
  var deadline: ContinuousClock.Instant { inFlight.reduce(due) { min($0, $1.deadline) } }

  /// The attempt that the token belongs to.
  func leg(_ token: UInt64) -> Leg? { inFlight.first { $0.leg.token == token }?.leg }

  /// Makes another attempt. Where there are as many as may be, one is given up for it, but not the oldest: a
  /// server that is slow to greet needs one that stays.
  ///
  /// - Parameters:
  ///   - warm: Whether the server has been ready before.
  ///   - patienceEnd: When the client has waited for long enough.
  /// - Throws: 64 for a path that is too long; an attempt that fails is no error.
  mutating func add(
    _ target: Endpoint, token: UInt64, warm: Bool, until patienceEnd: ContinuousClock.Instant
  ) throws(Failure) -> Socket? {
    let now = ContinuousClock.now
    isBlind = target.isLocal
    self.patienceEnd = patienceEnd
    var pace = self.pace ?? Pace(warm: warm, blind: isBlind, at: now)
    defer { self.pace = pace }
    if inFlight.count >= pace.most { inFlight.remove(at: 1) }
    let socket: Socket
    do throws(Failure) {
      socket = try Socket.connect(to: target)
    } catch {
      if error.status == .usage { throw error }
      latestRefusal = error.message
      due = now + pace.refused(at: now)
      return nil
    }
    socket.sendAtOnce()
    let end = min(now + pace.silence(at: now), patienceEnd)
    inFlight.append(Attempt(Leg(socket, token: token), deadline: end))
    due = now + pace.spacing(at: now)
    return socket
  }

  /// Judges those in flight, and gives up those that have failed or been silent for too long.
  ///
  /// - Returns: The one whose server is ready; there are no others then.
  mutating func judge(_ readying: Readying, at now: ContinuousClock.Instant = .now) -> Attempt? {
    guard var pace else { return nil }
    defer { self.pace = pace }
    var hasAnswered = false
    for attempt in inFlight {
      switch attempt.judge(readying, at: now) {
      case .ready:
        inFlight = []
        return attempt
      case .pending:
        if attempt.deadline <= now {
          fail(attempt, "it stayed silent")
          if inFlight.isEmpty { due = now }
        } else if attempt.hasSpoken {
          due = max(due, attempt.deadline)
        }
      case .turnedAway(let reason):
        fail(attempt, reason)
        due = now + pace.turnedAway()
      case .refused(let reason):
        fail(attempt, reason)
        hasAnswered = hasAnswered || attempt.wasRefusedByGuest(blind: isBlind)
        due = now + pace.refused(at: now)
      }
    }
    if hasAnswered {
      // Those made before it was there have been lost.
      inFlight = []
      pace.answered()
    } else if !isBlind, !pace.isAnswered, let made = inFlight.first(where: \.isConnected) {
      // Nobody but the guest can have made it.
      inFlight = [made]
      pace.answered()
      made.wait(until: min(now + pace.silence(at: now), patienceEnd))
      due = now + pace.spacing(at: now)
    }
    return nil
  }

  /// Gives up those in flight; with a reset if the client has broken its own connection.
  mutating func end(broken: Bool) {
    if broken { for attempt in inFlight { attempt.leg.socket.resetOnClose() } }
    inFlight = []
  }

  private mutating func fail(_ attempt: Attempt, _ reason: String) {
    latestRefusal = reason
    inFlight.removeAll { $0 === attempt }
  }
}

/// How one client's attempts at the guest's port follow each other.
///
/// A guest that has no network yet leaves an attempt without an answer, and whoever is in between asks for it
/// again after ever longer pauses (TCP after 1, 3 and 7 seconds, QEMU after 6 and 18). So others are made beside
/// it. They are not free: QEMU's user network goes on asking for those that were given up, and once the guest is
/// there its sshd gets them all; with PerSourcePenalties it bears with one a second, and a dozen more.
///
/// As soon as the guest has answered, if only by refusing, silence means load, and an answer comes to each attempt.
struct Pace {
  private let start: ContinuousClock.Instant
  private let isWarm: Bool
  private let isBlind: Bool
  /// Whether the guest has answered an attempt of this client's.
  private(set) var isAnswered = false
  private var crowding = Duration.milliseconds(100)

  /// - Parameters:
  ///   - warm: Whether the guest has been ready before.
  ///   - blind: Whether a connection is made with something on this machine, and so says nothing about the guest.
  init(warm: Bool, blind: Bool, at start: ContinuousClock.Instant = .now) {
    isWarm = warm
    isBlind = blind
    self.start = start
  }

  /// How many attempts may be in flight. Where none but the guest makes a connection, a second is enough: the
  /// first lives for as long as the way to the guest may take, the other is always a fresh one.
  var most: Int { isBlind ? 8 : 2 }

  /// How long after an attempt another is made, if it stays silent.
  func spacing(at now: ContinuousClock.Instant) -> Duration {
    if isWarm { return .seconds(30) }
    if isAnswered { return .seconds(5) }
    return share(of: now, 20, from: .milliseconds(isBlind ? 500 : 200), to: .seconds(5))
  }

  /// How long an attempt may stay silent.
  func silence(at now: ContinuousClock.Instant) -> Duration {
    isWarm || isAnswered ? .seconds(30) : share(of: now, 1, from: .seconds(5), to: .seconds(30))
  }

  /// The pause after a refusal.
  mutating func refused(at now: ContinuousClock.Instant) -> Duration {
    isWarm ? turnedAway() : share(of: now, 200, from: .milliseconds(50), to: .seconds(1))
  }

  /// The pause after the server has spoken and hung up: it has too much to do already.
  mutating func turnedAway() -> Duration {
    defer { crowding = min(crowding * 2, .seconds(1)) }
    return crowding
  }

  /// The guest has answered.
  mutating func answered() { isAnswered = true }

  // Whoever has waited for long does not mind to wait for a little longer.
  private func share(
    of now: ContinuousClock.Instant, _ divisor: Int, from least: Duration, to most: Duration
  ) -> Duration {
    min(max((now - start) / divisor, least), most)
  }
}

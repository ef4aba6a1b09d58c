/// Counts open connections, and tells when none has been open for long enough.
///
/// Time goes in, nothing is asked of the system. ContinuousClock counts the host's sleep too: a Mac that
/// wakes after a night with nothing open has had an idle VM all night. A guest that starts is not idle, for
/// its clients cannot be let in before there is a way to it.
struct IdleClock {
  typealias Instant = ContinuousClock.Instant

  /// How long nothing must be open.
  let ttl: Duration
  /// How many connections are open.
  private(set) var active = 0
  /// Whether the guest is on its way up, with no way in yet.
  private(set) var isStarting = false
  private var emptySince: Instant
  private var countsFrom: Instant

  /// Starts with nothing open.
  init(ttl: Duration, at start: Instant) {
    self.ttl = ttl
    emptySince = start
    countsFrom = start
  }

  /// The guest is being started.
  mutating func start() { isStarting = true }

  /// There is a way to the guest.
  mutating func reach(at now: Instant) {
    guard isStarting else { return }
    isStarting = false
    emptySince = now
    countsFrom = now
  }

  /// A connection has been opened.
  mutating func open() { active += 1 }

  /// A connection has been closed.
  ///
  /// - Returns: false if none was open; then nothing changes.
  mutating func close(at now: Instant) -> Bool {
    guard active > 0 else { return false }
    active -= 1
    if active == 0 {
      emptySince = now
      countsFrom = now
    }
    return true
  }

  /// Grants another TTL, though nothing is open.
  mutating func startOver(at now: Instant) { countsFrom = now }

  /// When the TTL ends; nil as long as something is open or the guest is on its way up.
  var deadline: Instant? { active == 0 && !isStarting ? countsFrom + ttl : nil }

  /// For how many whole seconds nothing has been open.
  func secondsEmpty(at now: Instant) -> Int64 {
    active == 0 ? (now - emptySince).components.seconds : 0
  }
}

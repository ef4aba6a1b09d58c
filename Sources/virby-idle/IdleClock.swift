/// Tells when no connection has been open for long enough.
///
/// Time goes in, nothing is asked of the system. ContinuousClock counts the host's sleep too: a Mac that
/// wakes after a night with nothing open has had an idle VM all night. A guest that starts is not idle, for
/// its clients cannot be let in before there is a way to it; nor is one that stops.
struct IdleClock {
  typealias Instant = ContinuousClock.Instant

  /// What the guest is doing, as far as idleness goes.
  enum Guest {
    /// On its way up, with no way in yet.
    case starting
    /// There, or never heard of.
    case up
    /// On its way down.
    case stopping
  }

  /// How long no connection may have been open.
  let ttl: Duration
  /// How much more a busy guest gets in all while nothing is open; nil if there is no limit.
  let busyLimit: Duration?
  /// Whether any connection is open; how many, `Connections` knows.
  private(set) var isOccupied = false
  private(set) var guest = Guest.up
  /// Since when there are connections, or none, or the guest is on its way.
  private(set) var since: Instant
  /// How much of the limit has been given since then.
  private(set) var given = Duration.zero
  private var end: Instant

  /// Starts with nothing open.
  init(ttl: Duration, busyLimit: Duration? = nil, at start: Instant) {
    self.ttl = ttl
    self.busyLimit = busyLimit
    since = start
    end = start + ttl
  }

  /// The guest is being started.
  mutating func start(at now: Instant) { enter(.starting, at: now) }

  /// There is a way to the guest.
  mutating func reach(at now: Instant) {
    if guest == .starting { enter(.up, at: now) }
  }

  /// The guest is being stopped.
  mutating func stop(at now: Instant) { enter(.stopping, at: now) }

  private mutating func enter(_ guest: Guest, at now: Instant) {
    self.guest = guest
    begin(at: now)
  }

  private mutating func begin(at now: Instant) {
    since = now
    end = now + ttl
    given = .zero
  }

  /// Whether any connection is open now.
  ///
  /// - Returns: Whether these are the first.
  mutating func occupy(_ isOccupied: Bool, at now: Instant) -> Bool {
    guard isOccupied != self.isOccupied else { return false }
    self.isOccupied = isOccupied
    begin(at: now)
    return isOccupied
  }

  /// How much of the limit is left; nil if there is none.
  var left: Duration? { busyLimit.map { $0 - given } }

  /// Whether a busy guest gets more time.
  var mayStartOver: Bool { left != .zero }

  /// Gives a busy guest another TTL, or what is left of the limit.
  mutating func startOver(at now: Instant) {
    let more = min(ttl, left ?? ttl)
    given += more
    end = now + more
  }

  /// When the TTL ends; nil as long as something is open or the guest is on its way up or down.
  var deadline: Instant? { !isOccupied && guest == .up ? end : nil }

  /// For how many whole seconds nothing has been open.
  func secondsEmpty(at now: Instant) -> Int64 {
    isOccupied ? 0 : (now - since).components.seconds
  }
}

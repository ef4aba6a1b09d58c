/// Notices that the host has slept: one clock has gone on meanwhile, the other has stood still.
struct HostSleep {
  private var before: (wall: ContinuousClock.Instant, awake: SuspendingClock.Instant)

  /// Begins to compare.
  init(wall: ContinuousClock.Instant = .now, awake: SuspendingClock.Instant = .now) {
    before = (wall, awake)
  }

  /// How long the host has slept since the last look; nil for less than a second, which is jitter.
  mutating func notice(
    wall: ContinuousClock.Instant = .now, awake: @autoclosure () -> SuspendingClock.Instant = .now
  ) -> Duration? {
    // As in a loop that looks thousands of times a second.
    guard wall - before.wall >= .seconds(1) else { return nil }
    let awake = awake()
    let slept = (wall - before.wall) - (awake - before.awake)
    before = (wall, awake)
    return slept >= .seconds(1) ? slept : nil
  }
}

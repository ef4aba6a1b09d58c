/// Notices that the host has slept: one clock has gone on meanwhile, the other has stood still.
public struct HostSleep {
  private var before: (wall: ContinuousClock.Instant, awake: SuspendingClock.Instant)

  /// Begins to compare.
  public init(wall: ContinuousClock.Instant = .now, awake: SuspendingClock.Instant = .now) {
    before = (wall, awake)
  }

  /// How long the host has slept since the last look; nil for less than a second, which is jitter.
  public mutating func notice(
    wall: ContinuousClock.Instant = .now, awake: SuspendingClock.Instant = .now
  ) -> Duration? {
    let slept = (wall - before.wall) - (awake - before.awake)
    guard slept >= .seconds(1) else { return nil }
    before = (wall, awake)
    return slept
  }
}

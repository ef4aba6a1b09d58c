import Testing

@testable import virby_idle

@Suite struct IdleClockTests {
  let start = ContinuousClock.now

  func clock() -> IdleClock { IdleClock(ttl: .seconds(100), at: start) }

  func after(_ seconds: Int) -> IdleClock.Instant { start + .seconds(seconds) }

  @Test func countsFromTheStart() {
    #expect(clock().deadline == after(100))
  }

  @Test func hasNoDeadlineWhileSomethingIsOpen() {
    var clock = clock()
    let isFirst = clock.connect(1, at: after(5))
    #expect(isFirst)
    #expect(clock.deadline == nil)
    #expect(clock.since == after(5))
    #expect(clock.secondsEmpty(at: after(500)) == 0)
  }

  @Test func countsFromTheLastCloseOfSeveral() {
    var clock = clock()
    let first = clock.connect(1, at: start)
    let second = clock.connect(2, at: after(1))
    #expect(first && !second)
    _ = clock.connect(1, at: after(10))
    #expect(clock.deadline == nil)
    #expect(clock.since == start)
    _ = clock.connect(0, at: after(70))
    #expect(clock.deadline == after(170))
    #expect(clock.secondsEmpty(at: start + .milliseconds(171_900)) == 101)
  }

  @Test func aCountThatStaysAtNothingChangesNothing() {
    var clock = clock()
    let isFirst = clock.connect(0, at: after(10))
    #expect(!isFirst)
    #expect(clock.deadline == after(100))
  }

  @Test func startsOverWithoutForgettingHowLongItWasEmpty() {
    var clock = clock()
    clock.startOver(at: after(100))
    #expect(clock.deadline == after(200))
    #expect(clock.secondsEmpty(at: after(200)) == 200)
  }

  @Test func takesACentury() {
    var clock = IdleClock(ttl: .seconds(3_155_760_000), at: start)
    #expect(clock.deadline == start + .seconds(3_155_760_000))
    _ = clock.connect(1, at: after(1))
    _ = clock.connect(0, at: start + .seconds(3_155_760_000))
    #expect(clock.deadline == start + .seconds(6_311_520_000))
  }

  // The host sleeps through the TTL: the next time that is told is a night later.
  @Test func sleepCountsAsTime() {
    let clock = clock()
    #expect(clock.deadline.map { $0 <= after(8 * 3600) } == true)
    #expect(clock.secondsEmpty(at: after(8 * 3600)) == 28800)
  }

  @Test func aClientThatComesOnWakingIsServedAndTheTimeCountsAnew() {
    var clock = clock()
    _ = clock.connect(1, at: after(8 * 3600))
    #expect(clock.deadline == nil)
    _ = clock.connect(0, at: after(8 * 3600 + 1))
    #expect(clock.deadline == after(8 * 3600 + 101))
  }

  @Test func doesNotCountWhileTheGuestStarts() {
    var clock = clock()
    clock.start(at: after(1))
    #expect(clock.deadline == nil)
    #expect(clock.since == after(1))
    clock.reach(at: after(30))
    #expect(clock.deadline == after(130))
    #expect(clock.secondsEmpty(at: after(40)) == 10)
  }

  @Test func anotherWayToTheGuestIsNotANewStart() {
    var clock = clock()
    clock.start(at: start)
    clock.reach(at: start)
    clock.reach(at: after(30))
    #expect(clock.deadline == after(100))
  }

  @Test func doesNotCountWhileTheGuestStops() {
    var clock = clock()
    clock.stop(at: after(99))
    #expect(clock.deadline == nil)
    clock.reach(at: after(100))
    #expect(clock.guest == .stopping)
  }
}

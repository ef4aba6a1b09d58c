import Testing

@testable import virby_idle

@Suite struct IdleClockTests {
  let start = ContinuousClock.now

  func clock() -> IdleClock { IdleClock(ttl: .seconds(100), at: start) }

  @Test func countsFromTheStart() {
    #expect(clock().deadline == start + .seconds(100))
  }

  @Test func hasNoDeadlineWhileSomethingIsOpen() {
    var clock = clock()
    clock.open()
    #expect(clock.deadline == nil)
    #expect(clock.secondsEmpty(at: start + .seconds(500)) == 0)
  }

  @Test func countsFromTheLastCloseOfSeveral() {
    var clock = clock()
    clock.open()
    clock.open()
    let first = clock.close(at: start + .seconds(10))
    #expect(first)
    #expect(clock.deadline == nil)
    let second = clock.close(at: start + .seconds(70))
    #expect(second)
    #expect(clock.deadline == start + .seconds(170))
    #expect(clock.secondsEmpty(at: start + .milliseconds(171_900)) == 101)
  }

  @Test func refusesACloseThatNothingIsOpenFor() {
    var clock = clock()
    let counted = clock.close(at: start + .seconds(10))
    #expect(!counted)
    #expect(clock.active == 0)
    #expect(clock.deadline == start + .seconds(100))
  }

  @Test func startsOverWithoutForgettingHowLongItWasEmpty() {
    var clock = clock()
    clock.startOver(at: start + .seconds(100))
    #expect(clock.deadline == start + .seconds(200))
    #expect(clock.secondsEmpty(at: start + .seconds(200)) == 200)
  }

  @Test func takesACentury() {
    let clock = IdleClock(ttl: .seconds(3_155_760_000), at: start)
    #expect(clock.deadline.map { $0 > start } == true)
  }

  @Test func doesNotCountWhileTheGuestStarts() {
    var clock = clock()
    clock.start()
    #expect(clock.deadline == nil)
    clock.reach(at: start + .seconds(30))
    #expect(clock.deadline == start + .seconds(130))
    #expect(clock.secondsEmpty(at: start + .seconds(40)) == 10)
  }

  @Test func anotherWayToTheGuestIsNotANewStart() {
    var clock = clock()
    clock.start()
    clock.reach(at: start)
    clock.reach(at: start + .seconds(30))
    #expect(clock.deadline == start + .seconds(100))
  }
}

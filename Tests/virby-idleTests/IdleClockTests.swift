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
    let isFirst = clock.occupy(true, at: after(5))
    #expect(isFirst)
    #expect(clock.deadline == nil)
    #expect(clock.since == after(5))
    #expect(clock.secondsEmpty(at: after(500)) == 0)
  }

  @Test func countsFromTheLastCloseOfSeveral() {
    var clock = clock()
    let first = clock.occupy(true, at: start)
    let second = clock.occupy(true, at: after(1))
    #expect(first && !second)
    _ = clock.occupy(true, at: after(10))
    #expect(clock.deadline == nil)
    #expect(clock.since == start)
    _ = clock.occupy(false, at: after(70))
    #expect(clock.deadline == after(170))
    #expect(clock.secondsEmpty(at: start + .milliseconds(171_900)) == 101)
  }

  @Test func aCloseWithNothingOpenChangesNothing() {
    var clock = clock()
    let isFirst = clock.occupy(false, at: after(10))
    #expect(!isFirst)
    #expect(clock.deadline == after(100))
  }

  @Test func startsOverWithoutForgettingHowLongItWasEmpty() {
    var clock = clock()
    clock.startOver(at: after(100))
    #expect(clock.deadline == after(200))
    #expect(clock.secondsEmpty(at: after(200)) == 200)
  }

  @Test func withoutALimitItStartsOverForEver() {
    var clock = clock()
    for round in 1...1000 { clock.startOver(at: after(100 * round)) }
    #expect(clock.deadline == after(100_100))
    #expect(clock.mayStartOver)
    #expect(clock.left == nil)
  }

  @Test func aLimitIsGivenInWholeTTLsAndARest() {
    var clock = IdleClock(ttl: .seconds(100), busyLimit: .seconds(250), at: start)
    var deadlines: [IdleClock.Instant?] = []
    while clock.mayStartOver {
      guard let deadline = clock.deadline else { break }
      clock.startOver(at: deadline)
      deadlines.append(clock.deadline)
    }
    #expect(deadlines == [after(200), after(300), after(350)])
    #expect(clock.left == .zero)
    #expect(clock.given == .seconds(250))
    #expect(clock.secondsEmpty(at: after(350)) == 350)
  }

  @Test func aLimitBelowTheTTLIsGivenOnce() {
    var clock = IdleClock(ttl: .seconds(100), busyLimit: .seconds(1), at: start)
    clock.startOver(at: after(100))
    #expect(clock.deadline == after(101))
    #expect(!clock.mayStartOver)
  }

  @Test func onlyAnOpenGivesTheLimitAgain() {
    var clock = IdleClock(ttl: .seconds(100), busyLimit: .seconds(100), at: start)
    clock.startOver(at: after(100))
    _ = clock.occupy(false, at: after(110))
    #expect(!clock.mayStartOver)
    #expect(clock.deadline == after(200))
    _ = clock.occupy(true, at: after(120))
    #expect(clock.mayStartOver)
    _ = clock.occupy(false, at: after(130))
    #expect(clock.mayStartOver)
    #expect(clock.deadline == after(230))
  }

  // The guest has done nothing meanwhile, so it has not had its time either.
  @Test func sleepUsesUpNoMoreOfTheLimitThanWasGiven() {
    var clock = IdleClock(ttl: .seconds(100), busyLimit: .seconds(250), at: start)
    clock.startOver(at: after(100))
    clock.startOver(at: after(3 * 86400))
    #expect(clock.left == .seconds(50))
  }

  @Test func takesACentury() {
    var clock = IdleClock(ttl: .seconds(3_155_760_000), at: start)
    #expect(clock.deadline == start + .seconds(3_155_760_000))
    _ = clock.occupy(true, at: after(1))
    _ = clock.occupy(false, at: start + .seconds(3_155_760_000))
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
    _ = clock.occupy(true, at: after(8 * 3600))
    #expect(clock.deadline == nil)
    _ = clock.occupy(false, at: after(8 * 3600 + 1))
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

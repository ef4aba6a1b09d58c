import Testing

@testable import virby_forward

@Suite struct HostSleepTests {
  let wall = ContinuousClock.now
  let awake = SuspendingClock.now

  @Test func timeThatPassesIsNoSleep() {
    var sleep = HostSleep(wall: wall, awake: awake)
    #expect(sleep.notice(wall: wall + .seconds(90), awake: awake + .seconds(90)) == nil)
    #expect(sleep.notice(wall: wall + .seconds(95), awake: awake + .milliseconds(94_500)) == nil)
  }

  @Test func aSleepIsNoticedOnceAndMeasured() {
    var sleep = HostSleep(wall: wall, awake: awake)
    let later = (wall: wall + .seconds(28_810), awake: awake + .seconds(10))
    #expect(sleep.notice(wall: later.wall, awake: later.awake) == .seconds(28_800))
    #expect(sleep.notice(wall: later.wall, awake: later.awake) == nil)
  }

  @Test func thisMachineIsAwake() {
    var sleep = HostSleep()
    #expect(sleep.notice() == nil)
  }
}

import Testing
import VirbyKit

@testable import virby_boot

@Suite struct DescentTests {
  /// A driver that does nothing about what it is told.
  private final class Deaf: Control, DriverProcess {
    let watch = Watch.nothing
    let deadline: ContinuousClock.Instant? = nil
    let canQuit: Bool
    let isStarting: Bool
    let ending = Ending.unknown
    var told: [String] = []

    init(canQuit: Bool = true, isStarting: Bool = false) {
      self.canQuit = canQuit
      self.isStarting = isStarting
    }

    func proceed() -> [News] { [] }
    func powerDown() { told.append("power down") }
    func quit() { told.append("quit") }
    func send(_ signal: Signal) -> Int32 {
      told.append("signal \(signal.rawValue)")
      return 0
    }
  }

  private let trouble = News.trouble(Failure(.unavailable, "no"))

  private func descent(
    _ driver: Deaf, within limit: Duration = .seconds(60), isRunning: Bool = false,
    isGivenUp: Bool = false
  ) -> Descent {
    Descent(
      of: driver, by: driver, within: limit, isRunning: isRunning, isGivenUp: isGivenUp
    ) { _, _ in }
  }

  /// Whether the time to the next thing to do is about that.
  private func isDue(_ descent: Descent, in seconds: Double) -> Bool {
    let left = (descent.deadline - .now) / .seconds(1)
    return left <= seconds && left > seconds - 2
  }

  @Test func aRunningGuestIsAskedAtOnceAndAgain() {
    let driver = Deaf()
    var descent = descent(driver, isRunning: true)
    descent.proceed()
    #expect(driver.told == ["power down"])
    #expect(isDue(descent, in: 3))
  }

  @Test func aDriverThatComesUpHasAMomentAndIsThenAsked() {
    let driver = Deaf()
    var descent = descent(driver)
    descent.proceed()
    #expect(descent.step == nil)
    #expect(isDue(descent, in: 3))
    descent.heed(.running(at: nil))
    descent.proceed()
    #expect(driver.told == ["power down"])
    #expect(descent.hasRun)
  }

  @Test func oneThatHasNotFinishedStartingIsSoonKilled() {
    let driver = Deaf(isStarting: true)
    var descent = descent(driver, isGivenUp: true)
    descent.proceed()
    #expect(driver.told == ["signal 15"])
    #expect(isDue(descent, in: 1))
  }

  @Test func oneThatMayRunHasTheTimeThatItsOwnStopTakes() {
    let driver = Deaf()
    var descent = descent(driver, isGivenUp: true)
    descent.proceed()
    #expect(driver.told == ["signal 15"])
    #expect(isDue(descent, in: 7))
  }

  @Test func aMachineThatIsStoppingIsNotAskedAgainAndOneThatHasStoppedNotWaitedFor() {
    var descent = descent(Deaf(), isRunning: true)
    descent.proceed()
    descent.heed(.goesDown)
    #expect(isDue(descent, in: 10))
    descent.heed(.isDown)
    #expect(isDue(descent, in: 1))
  }

  @Test func aRefusalAloneChangesNothing() {
    var descent = descent(Deaf(), isRunning: true)
    descent.proceed()
    descent.heed(trouble)
    #expect(isDue(descent, in: 3))
  }

  @Test func theWholeLadderInNoTime() {
    let driver = Deaf(canQuit: false)
    var descent = descent(driver, within: .zero, isRunning: true)
    while descent.proceed() {}
    #expect(driver.told == ["power down", "signal 15", "signal 9"])
  }
}

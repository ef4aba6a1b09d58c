import Testing

@testable import virby_forward

@Suite struct PaceTests {
  let start = ContinuousClock.now

  func pace(warm: Bool = false, blind: Bool = true) -> Pace {
    Pace(warm: warm, blind: blind, at: start)
  }

  @Test func pausesAfterRefusalsAreATwoHundredthOfTheWait() {
    var pace = pace()
    let pauses = [0, 10, 20, 100, 200, 1000].map { pace.refused(at: start + .seconds($0)) }
    #expect(pauses == [50, 50, 100, 500, 1000, 1000].map { .milliseconds($0) })
  }

  @Test func whoIsTurnedAwayComesBackLaterAndLater() {
    var pace = pace()
    let pauses = (1...6).map { _ in pace.turnedAway() }
    #expect(pauses == [100, 200, 400, 800, 1000, 1000].map { .milliseconds($0) })
  }

  @Test func aServerThatHasAnsweredBeforeIsNotHurried() {
    var pace = pace(warm: true)
    #expect(pace.spacing(at: start) == .seconds(30))
    #expect(pace.silence(at: start) == .seconds(30))
    let pauses = (1...2).map { _ in pace.refused(at: start) }
    #expect(pauses == [100, 200].map { .milliseconds($0) })
  }

  @Test func othersFollowASilentAttemptEverMoreSlowly() {
    let spacings = [0, 10, 40, 100, 200].map { pace().spacing(at: start + .seconds($0)) }
    #expect(spacings == [500, 500, 2000, 5000, 5000].map { .milliseconds($0) })
    #expect(pace(blind: false).spacing(at: start) == .milliseconds(200))
  }

  @Test func anAttemptMayBeSilentForAsLongAsTheClientHasWaited() {
    let silences = [0, 5, 10, 40].map { pace().silence(at: start + .seconds($0)) }
    #expect(silences == [5, 5, 10, 30].map { .seconds($0) })
  }

  @Test func silenceAfterAnAnswerMeansLoad() {
    var pace = pace()
    pace.answered()
    #expect(pace.spacing(at: start) == .seconds(5))
    #expect(pace.silence(at: start) == .seconds(30))
  }

  /// sshd counts an attempt given up as a second's penalty, and turns away whoever has fifteen of them.
  @Test func theAttemptsThatQEMUMakesGoodTogetherAreBornWithBySshd() {
    for end in stride(from: 6.0, through: 180, by: 0.5) {
      var penalty = 0.0
      var now = end - 6
      while now < end {
        let spacing = pace().spacing(at: start + .seconds(now)) / .seconds(1)
        penalty = max(0, penalty - spacing) + 1
        now += spacing
      }
      #expect(penalty < 15)
    }
  }
}

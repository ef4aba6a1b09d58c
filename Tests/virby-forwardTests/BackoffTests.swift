import Testing

@testable import virby_forward

@Suite struct BackoffTests {
  @Test func pausesGrowToASecond() {
    var backoff = Backoff(warm: false)
    let pauses = (1...6).map { _ in backoff.refused() }
    #expect(pauses == [100, 200, 400, 800, 1000, 1000].map { .milliseconds($0) })
  }

  @Test func silenceIsAllowedForTenTimesASecondAndThenForLongerAndLonger() {
    var backoff = Backoff(warm: false)
    var silences: [Duration] = []
    for _ in 1...16 {
      silences.append(backoff.silence)
      backoff.silent()
    }
    let seconds = [Int](repeating: 1, count: 10) + [2, 5, 10, 20, 30, 30]
    #expect(silences == seconds.map { .seconds($0) })
  }

  @Test func aServerThatHasAnsweredBeforeIsNotHurried() {
    #expect(Backoff(warm: true).silence == .seconds(30))
  }
}

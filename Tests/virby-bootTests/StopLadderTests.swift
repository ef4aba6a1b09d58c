import Testing

@testable import virby_boot

@Suite struct StopLadderTests {
  @Test func takesEveryStepOnceGentleOnesFirst() {
    var ladder = StopLadder(total: .seconds(60), hasControl: true)
    var steps: [StopLadder.Step] = []
    while let (step, _) = ladder.next() { steps.append(step) }
    #expect(steps == [.ask, .quit, .terminate, .kill])
  }

  @Test func theStepsTogetherTakeTheWholeTime() {
    for hasControl in [true, false] {
      var ladder = StopLadder(total: .seconds(60), hasControl: hasControl)
      var sum = Duration.zero
      while let (_, time) = ladder.next() { sum += time }
      #expect(abs(sum / .seconds(60) - 1) < 0.001)
    }
  }

  @Test func theGuestHasMostOfTheTime() {
    var ladder = StopLadder(total: .seconds(60), hasControl: true)
    #expect(ladder.next().map { $0.time } == .seconds(45))
  }

  @Test func withoutControlOnlySignalsAreLeft() {
    var ladder = StopLadder(total: .seconds(60), hasControl: false)
    #expect(ladder.next()?.step == .terminate)
    #expect(ladder.next()?.step == .kill)
    #expect(ladder.next() == nil)
  }
}

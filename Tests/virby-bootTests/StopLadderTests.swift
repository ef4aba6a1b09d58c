import Testing
import VirbyKit

@testable import virby_boot

@Suite struct StopLadderTests {
  private let start = ContinuousClock.now

  private func ladder(hasControl: Bool = true) -> StopLadder {
    StopLadder(until: start + .seconds(60), hasControl: hasControl)
  }

  @Test func takesEveryStepOnceGentleOnesFirst() {
    var ladder = ladder()
    var steps: [StopLadder.Step] = []
    while let (step, _) = ladder.next(at: start) { steps.append(step) }
    #expect(steps == [.ask, .quit, .terminate, .kill])
  }

  @Test(arguments: [true, false])
  func theStepsTogetherTakeTheWholeTime(hasControl: Bool) {
    var ladder = ladder(hasControl: hasControl)
    var now = start
    while let (_, time) = ladder.next(at: now) { now += time }
    #expect(abs((now - start) / .seconds(60) - 1) < 0.001)
  }

  @Test func theGuestHasMostOfTheTime() {
    var ladder = ladder()
    #expect(ladder.next(at: start).map { $0.time } == .seconds(45))
  }

  @Test func aStepThatIsOverSoonLeavesItsTimeToTheOthers() {
    var ladder = ladder()
    _ = ladder.next(at: start)
    #expect(ladder.next(at: start + .seconds(10)).map { $0.time } == .seconds(20))
  }

  @Test func aStepThatTookTooLongLeavesLess() {
    var ladder = ladder()
    _ = ladder.next(at: start)
    #expect(ladder.next(at: start + .seconds(61))?.time == .zero)
    #expect(ladder.next(at: start + .seconds(61))?.step == .terminate)
  }

  @Test func withoutControlOnlySignalsAreLeft() {
    var ladder = ladder(hasControl: false)
    #expect(ladder.next(at: start)?.step == .terminate)
    #expect(ladder.next(at: start)?.step == .kill)
    #expect(ladder.next(at: start) == nil)
  }

  private typealias Step = StopLadder.Step

  private func outcome(
    in step: Step?, of end: Child.End, after ending: Ending = .poweredOff
  ) -> String { Step.outcome(in: step, of: end, after: ending) }

  @Test func everyEndHasItsName() {
    #expect(outcome(in: nil, of: .exited(0)) == "guest")
    #expect(outcome(in: nil, of: .exited(1)) == "failed")
    #expect(outcome(in: nil, of: .signalled(9)) == "killed")
    #expect(outcome(in: .ask, of: .exited(0)) == "asked")
    #expect(outcome(in: .ask, of: .exited(1)) == "failed")
    #expect(outcome(in: .ask, of: .signalled(11)) == "killed")
    #expect(outcome(in: .quit, of: .exited(0)) == "forced")
    #expect(outcome(in: .terminate, of: .exited(0)) == "killed")
    #expect(outcome(in: .kill, of: .signalled(9)) == "killed")
  }

  @Test(arguments: [nil, StopLadder.Step.ask])
  func whatAnotherProcessDidIsNotTheGuests(step: StopLadder.Step?) {
    #expect(outcome(in: step, of: .exited(0), after: .signalled) == "killed")
    #expect(outcome(in: step, of: .exited(0), after: .quit) == "forced")
    #expect(outcome(in: step, of: .exited(1), after: .signalled) == "failed")
  }
}

import VirbyKit

/// Stays with a driver until it has ended, and ends it when asked to.
///
/// All state belongs to the one thread that calls `run`.
final class Supervisor {
  let machine: Machine
  let driver: any Driver
  let child: Child
  let stage: Stage
  let companions: [Companion]
  let mark: UncleanMark
  let console: ConsoleLog?
  let log: Diagnostics
  let control: any Control
  let clock = Stopwatch()
  var end: Child.End?
  var isRunning = false
  var startEnd: ContinuousClock.Instant?
  /// What came to nothing while the driver was still coming up.
  var startTrouble: Failure?
  var loss: (failure: Failure, until: ContinuousClock.Instant)?
  var ladder: StopLadder?
  var ladderStart: ContinuousClock.Instant?
  var step: StopLadder.Step?
  var stepEnd: ContinuousClock.Instant?
  var nextAsk: ContinuousClock.Instant?
  private(set) var failure: Failure?

  /// Takes charge of a driver that has just been started.
  init(
    _ child: Child, of driver: any Driver, running machine: Machine, stage: Stage,
    companions: [Companion], mark: UncleanMark, console: ConsoleLog?, log: Diagnostics
  ) {
    self.machine = machine
    self.driver = driver
    self.child = child
    self.stage = stage
    self.companions = companions
    self.mark = mark
    self.console = console
    self.log = log
    control = driver.name.control(of: machine)
  }

  /// Waits for the driver's end, whoever brings it about.
  ///
  /// - Throws: What went wrong first: 75 if the driver did not come up in time, 71 if the events could not
  ///   be written, 69 if the driver failed or had to be forced. The driver has ended in any case but one:
  ///   that it outlives SIGKILL.
  func run(startTimeout: Duration, stopTimeout: Duration) throws(Failure) {
    do throws(Failure) {
      tell(
        Event(
          .starting, ["driver": driver.name.rawValue, "pid": child.pid, "mac": machine.address]))
      startEnd = .now + startTimeout
      while !hasEnded() {
        let isStarting = startEnd != nil
        if failure != nil && ladder == nil && !isStarting {
          try stop(why: "failure", within: stopTimeout)
        }
        try answerNext(stopTimeout)
        if let startEnd, startEnd <= .now { giveUp(after: startTimeout) }
      }
    } catch {
      note(error)
      step = .kill
      child.send(SIGKILL)
      for _ in 0..<100 where !hasEnded() {
        _ = try poll([], until: .now + .milliseconds(10))
      }
    }
    finish()
    if let failure { throw failure }
  }

  /// Waits for the next thing to happen, and answers it.
  private func answerNext(_ stopTimeout: Duration) throws(Failure) {
    let deadlines = [
      control.deadline, console?.nextLook, startEnd, loss?.until, nextAsk, stepEnd,
    ].compactMap(\.self)
    let watches = [control.watch, console?.watch ?? .nothing]
    switch try stage.next(until: deadlines.min(), also: watches) {
    case .signal(SIGCHLD), .line, .inputEnd, .deadline: break
    case .signal: try stop(why: "signal", within: stopTimeout)
    case .hangup: try stop(why: "hangup", within: stopTimeout)
    case .ready(let ready): if ready[1] { hearGuest() }
    }
    hearDriver()
    if hasEnded() { return }
    look(after: companions)
    if let nextAsk, nextAsk <= .now { try ask() }
    if let stepEnd, stepEnd <= .now { try climb() }
  }

  /// Tells an event. If that fails the guest is stopped, in good order all the same.
  func tell(_ event: Event) {
    do throws(Failure) { try stage.tell(event) } catch { note(error) }
  }

  /// Keeps what went wrong first; it is what the command ends with.
  func note(_ error: Failure) { failure = failure ?? error }

  func hasEnded() -> Bool {
    if end == nil { end = child.end() }
    return end != nil
  }

  private func giveUp(after limit: Duration) {
    startEnd = nil
    let name = driver.name.rawValue
    note(startTrouble ?? Failure(.later, "driver '\(name)' did not come up within \(limit.text)"))
  }
}

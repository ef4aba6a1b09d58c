import VirbyKit

/// Stays with a driver until it has ended, and ends it when asked to.
///
/// All state belongs to the one thread that calls `run`.
final class Supervisor {
  let machine: Machine
  let driver: any Driver
  let child: Child
  let stage: Stage
  let mark: UncleanMark
  let console: ConsoleLog?
  let log: Diagnostics
  let clock = Stopwatch()
  var end: Child.End?
  var control: (any Control)?
  var isRunning = false
  /// Why the stop was asked for, while the driver was still coming up.
  var interruption: String?
  var ladder: StopLadder?
  var ladderStart: ContinuousClock.Instant?
  var step: StopLadder.Step?
  var stepEnd: ContinuousClock.Instant?
  var nextAsk: ContinuousClock.Instant?
  private(set) var failure: Failure?

  /// Takes charge of a driver that has just been started.
  init(
    _ child: Child, of driver: any Driver, running machine: Machine, stage: Stage,
    mark: UncleanMark, console: ConsoleLog?, log: Diagnostics
  ) {
    self.machine = machine
    self.driver = driver
    self.child = child
    self.stage = stage
    self.mark = mark
    self.console = console
    self.log = log
  }

  /// Waits for the driver's end, whoever brings it about.
  ///
  /// - Throws: What went wrong first: 75 if the driver did not come up in time, 71 if the events could not
  ///   be written, 69 if the driver failed or had to be forced. The driver has ended in any case but one:
  ///   that it outlives SIGKILL.
  func run(startTimeout: Duration, stopTimeout: Duration) throws(Failure) {
    do throws(Failure) { try bringUp(within: startTimeout) } catch { note(error) }
    do throws(Failure) {
      if let interruption { try stop(why: interruption, within: stopTimeout) }
      while !hasEnded() {
        if failure != nil && ladder == nil { try stop(why: "failure", within: stopTimeout) }
        try answerNext(stopTimeout)
      }
    } catch {
      note(error)
      step = .kill
      child.send(SIGKILL)
      _ = try endsSoon()
    }
    finish()
    if let failure { throw failure }
  }

  /// Waits for the next thing to happen, and answers it.
  private func answerNext(_ stopTimeout: Duration) throws(Failure) {
    let due = nextAsk ?? stepEnd
    let deadlines = [due, console?.nextLook].compactMap { $0 }
    let watches = [control?.watch ?? .nothing, console?.watch ?? .nothing]
    switch try stage.next(until: deadlines.min(), also: watches) {
    case .signal(SIGCHLD), .line, .inputEnd: break
    case .signal: try stop(why: "signal", within: stopTimeout)
    case .hangup: try stop(why: "hangup", within: stopTimeout)
    case .ready(let ready):
      if ready[0] { hearDriver() }
      if ready[1] { hearGuest() }
    case .deadline:
      if let due, due <= .now { if nextAsk != nil { try ask() } else { try climb() } }
    }
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

  /// Whether the driver ends within a second.
  func endsSoon() throws(Failure) -> Bool {
    for _ in 0..<100 where !hasEnded() { _ = try poll([], until: .now + .milliseconds(10)) }
    return hasEnded()
  }

  func hearDriver() {
    do throws(Failure) {
      for event in try control?.news() ?? [] { log.explain("driver: \(event) \(clock)") }
    } catch {
      log.warn(error.message)
    }
  }

  private func hearGuest() {
    do throws(Failure) {
      guard let line = try console?.look(), let beginning = console?.beginning else { return }
      log.explain("the guest's console begins \(clock.reading(at: beginning)): \(line)")
    } catch {
      log.warn(error.message)
    }
  }
}

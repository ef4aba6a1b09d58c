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
  private let events: EventCopy?
  let log: Diagnostics
  let control: any Control
  let clock = Stopwatch()
  var phase: Phase
  var loss: (failure: Failure, until: ContinuousClock.Instant)?
  private let startTimeout: Duration
  private let stopTimeout: Duration
  private(set) var failure: Failure?
  private var isInterruptTold = false

  /// Takes charge of a driver that has just been started.
  init(
    _ child: Child, of driver: any Driver, running machine: Machine, stage: Stage,
    companions: [Companion], mark: UncleanMark, console: ConsoleLog?, events: EventCopy?,
    log: Diagnostics, startTimeout: Duration, stopTimeout: Duration
  ) {
    self.machine = machine
    self.driver = driver
    self.child = child
    self.stage = stage
    self.companions = companions
    self.mark = mark
    self.console = console
    self.events = events
    self.log = log
    self.startTimeout = startTimeout
    self.stopTimeout = stopTimeout
    control = driver.name.control(of: machine)
    phase = .starting(until: .now + startTimeout, trouble: nil)
  }

  /// Waits for the driver's end, whoever brings it about.
  ///
  /// - Throws: What went wrong first: 75 if the driver did not come up in time, 71 if the events could not
  ///   be written, 69 if the driver failed or had to be forced. The driver has ended in any case but one:
  ///   that it survives SIGKILL.
  func run() throws(Failure) {
    do throws(Failure) {
      tell(beginning)
      while !hasEnded() {
        switch phase {
        case .starting(let end, let trouble) where end <= .now: giveUp(trouble ?? isLate)
        case .running where failure != nil: stop(why: "failure", isRunning: true)
        default: break
        }
        try answerNext()
      }
    } catch {
      note(error)
      if let end = try child.end(within: .zero) { phase = phase.ended(end) }
    }
    finish()
    if let failure { throw failure }
  }

  /// The first event; without the console's name if that is too long for a line.
  private var beginning: Event {
    let name = driver.name.rawValue
    let brief = Event(.starting, ["driver": name, "pid": child.pid, "mac": machine.address])
    guard console != nil, let path = machine.serial else { return brief }
    let full = Event(
      .starting,
      ["driver": name, "pid": child.pid, "mac": machine.address, "console": path])
    return full.line == nil ? brief : full
  }

  /// Waits for the next thing to happen, and answers it.
  private func answerNext() throws(Failure) {
    let deadlines = [control.deadline, console?.nextLook, loss?.until, phase.deadline]
    let watches = [control.watch, console?.watch ?? .nothing]
    switch try stage.next(until: deadlines.compactMap(\.self).min(), also: watches) {
    case .signal(.child), .line, .inputEnd, .deadline: break
    case .signal:
      if stage.isInterrupted && !isInterruptTold {
        isInterruptTold = true
        log.notify("powering the guest off; interrupt again to kill it")
      }
      stop(why: "signal")
    case .hangup: stop(why: "hangup")
    case .ready(let ready): if ready[1] { hearGuest() }
    }
    hearDriver()
    if hasEnded() { return }
    look(after: companions)
    if case .stopping(var descent) = phase {
      let goesOn = descent.proceed()
      phase = .stopping(descent)
      if !goesOn {
        throw Failure(.unavailable, "driver '\(driver.name.rawValue)' survived SIGKILL")
      }
    }
  }

  /// Begins to stop, if that has not begun, or, for someone who interrupts a second time, kills the driver.
  private func stop(why: String) {
    switch phase {
    case .starting: stop(why: why, isRunning: false)
    case .running: stop(why: why, isRunning: true)
    case .stopping(var descent):
      guard stage.isImpatient, descent.step != .kill else { return }
      log.explain("interrupted again \(clock)")
      descent.kill()
      phase = .stopping(descent)
    case .ended: break
    }
  }

  private func stop(why: String, isRunning: Bool, isGivenUp: Bool = false) {
    log.explain("stopping why=\(why) \(clock)")
    tell(Event(.stopping, ["why": why]))
    let name = driver.name.rawValue
    phase = .stopping(
      Descent(
        of: child, by: control, within: stopTimeout, isRunning: isRunning, isGivenUp: isGivenUp
      ) { [log, clock] step, time in
        log.explain("\(step), for up to \(Stopwatch.text(time)), \(clock)")
        switch step {
        case .quit: log.warn("the guest did not power off; telling '\(name)' to quit")
        case .kill: log.warn("sending SIGKILL to '\(name)'")
        case .ask, .terminate: break
        }
      })
  }

  /// Stops a driver that will not come up.
  func giveUp(_ reason: Failure) {
    note(reason)
    stop(why: "failure", isRunning: false, isGivenUp: true)
  }

  private var isLate: Failure {
    Failure(
      .later, "driver '\(driver.name.rawValue)' did not come up within \(startTimeout.text)")
  }

  /// Tells an event. If that fails the guest is stopped, cleanly all the same.
  func tell(_ event: Event) {
    events?.tell(event)
    do throws(Failure) { try stage.tell(event) } catch { note(error) }
  }

  /// Keeps what went wrong first; it is what the command ends with.
  func note(_ error: Failure) { failure = failure ?? error }

  private func hasEnded() -> Bool {
    if case .ended = phase { return true }
    guard let end = child.end() else { return false }
    phase = phase.ended(end)
    return true
  }
}

import VirbyKit

/// Stays with a driver until it has ended, and ends it when asked to.
///
/// All state belongs to the one thread that calls `run`.
final class Supervisor {
  /// How long the guest may take to react to its power button before it is pressed again.
  static let askInterval = Duration.seconds(3)

  let machine: Machine
  let driver: any Driver
  let child: Child
  let stage: Stage
  let log: Diagnostics
  var end: Child.End?
  var control: (any Control)?
  var isRunning = false
  var ladder: StopLadder?
  var step: StopLadder.Step?
  var stepEnd: ContinuousClock.Instant?
  var nextAsk: ContinuousClock.Instant?

  /// Takes charge of a driver that has just been started.
  init(
    _ child: Child, of driver: any Driver, running machine: Machine, stage: Stage, log: Diagnostics
  ) {
    self.machine = machine
    self.driver = driver
    self.child = child
    self.stage = stage
    self.log = log
  }

  /// Waits for the driver's end, whoever brings it about.
  ///
  /// - Throws: 69 if the driver failed or had to be forced; the driver has ended in any case.
  func run(startTimeout: Duration, stopTimeout: Duration) throws(Failure) {
    do throws(Failure) {
      try bringUp(within: startTimeout)
      while true {
        let watches = control.map { [$0.watch] } ?? []
        switch try stage.next(until: nextAsk ?? stepEnd, also: watches) {
        case .signal(SIGCHLD): if hasEnded() { return try finish() }
        case .signal: try stop(why: "signal", within: stopTimeout)
        case .hangup: try stop(why: "hangup", within: stopTimeout)
        case .deadline: if nextAsk != nil { try ask() } else { try climb() }
        case .ready: for event in try control?.news() ?? [] { log.explain("driver: \(event)") }
        case .line, .inputEnd: break
        }
        if hasEnded() { return try finish() }
      }
    } catch {
      if !hasEnded() {
        child.send(SIGKILL)
        end = child.end(blocking: true)
      }
      throw error
    }
  }

  private func bringUp(within limit: Duration) throws(Failure) {
    try stage.tell(
      Event(.starting, ["driver": driver.name.rawValue, "pid": child.pid, "mac": machine.address]))
    do throws(Failure) {
      control = try driver.control(of: machine, until: .now + limit) { !self.hasEnded() }
      if hasEnded() { return }
      if control == nil && driver.hasControl {
        throw Failure(.unavailable, "driver '\(driver.name.rawValue)' closed its control socket")
      }
      let access = try control?.access() ?? machine.access.endpoint
      isRunning = true
      try stage.tell(
        access.map { Event(.running, ["mac": machine.address, "at": $0]) }
          ?? Event(.running, ["mac": machine.address]))
    } catch {
      // QEMU listens before it has read all its options: it may answer, and end.
      if try !endsSoon() { throw error }
    }
  }

  private func endsSoon() throws(Failure) -> Bool {
    for _ in 0..<100 where !hasEnded() { _ = try poll([], until: .now + .milliseconds(10)) }
    return hasEnded()
  }

  private func hasEnded() -> Bool {
    if end == nil { end = child.end() }
    return end != nil
  }

  private func finish() throws(Failure) {
    guard let end else { return }
    let how = step?.outcome ?? "guest"
    // After a hangup nobody reads events.
    log.explain("stopped how=\(how) status=\(end.status)")
    try stage.tell(Event(.stopped, ["how": how, "status": end.status]))
    guard step == nil || step == .ask else {
      throw Failure(.unavailable, "the guest was stopped by force")
    }
    guard end == .exited(0) else {
      let phase = isRunning ? "" : " before the guest was running"
      throw Failure(.unavailable, "driver '\(driver.name.rawValue)' \(end)\(phase)")
    }
  }
}

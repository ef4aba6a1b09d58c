import VirbyKit

/// What is made of the driver's end.
extension Supervisor {
  /// Tells how the machine ended, and leaves the mark if that was not in good order.
  func finish() {
    // Without an end the driver has outlived SIGKILL: the mark stays, and so does the lock.
    guard let end else { return }
    // What it said last may still lie there.
    hearDriver()
    let reproach = reproach(of: end)
    if !isRunning && step == nil {
      mark.restore()
    } else if let reproach {
      mark.keep(reproach.message)
    } else if control.hasReset {
      // The driver does not start it again, so it powers off; but so does one that has panicked.
      mark.keep("the guest reset itself, as after a panic")
    } else {
      mark.clear()
    }
    let how = StopLadder.Step.outcome(in: step, of: end)
    let took = ladderStart.map { ", \(Stopwatch.text(.now - $0)) after it was asked to stop" } ?? ""
    log.explain("stopped how=\(how) status=\(end.status) \(clock)\(took)")
    if let reproach { note(reproach) }
    tell(Event(.stopped, ["how": how, "status": end.status]))
  }

  /// What is to be said against that end; nil if the guest has powered off.
  private func reproach(of end: Child.End) -> Failure? {
    let name = driver.name.rawValue
    if let step, step != .ask {
      return Failure(.unavailable, "the guest was stopped by force")
    }
    if end == .exited(0) && (isRunning || step != nil) { return nil }
    let phase = isRunning ? "" : " before the guest was running"
    return Failure(.unavailable, "driver '\(name)' \(end)\(phase)")
  }
}

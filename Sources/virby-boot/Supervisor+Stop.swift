import VirbyKit

/// The ways down: the ladder, a step at a time.
extension Supervisor {
  func stop(why: String, within limit: Duration) throws(Failure) {
    if ladder != nil {
      log.explain("asked to stop again")
      return enter(.kill, for: .seconds(5))
    }
    startEnd = nil
    ladder = StopLadder(total: limit, hasControl: isRunning)
    log.explain("stopping why=\(why)")
    try stage.tell(Event(.stopping, ["why": why]))
    try climb()
  }

  func climb() throws(Failure) {
    guard let (step, time) = ladder?.next() else {
      throw Failure(.unavailable, "driver '\(driver.name.rawValue)' outlives SIGKILL")
    }
    if step == .quit && !control.canQuit { return try climb() }
    enter(step, for: time)
  }

  /// Presses the power button again, for a guest that is still booting misses it, or climbs on.
  func ask() throws(Failure) {
    guard let stepEnd, .now < stepEnd else { return try climb() }
    nextAsk = min(stepEnd, .now + Self.askInterval)
    control.powerDown()
  }

  /// Takes a step of the ladder.
  func enter(_ step: StopLadder.Step, for time: Duration) {
    self.step = step
    stepEnd = .now + time
    nextAsk = step == .ask ? min(.now + time, .now + Self.askInterval) : nil
    switch step {
    case .ask:
      log.explain("asking the guest to power off")
      control.powerDown()
    case .quit:
      log.warn("the guest did not power off; telling '\(driver.name.rawValue)' to quit")
      control.quit()
    case .terminate:
      log.explain("sending SIGTERM to '\(driver.name.rawValue)'")
      child.send(SIGTERM)
    case .kill:
      log.warn("sending SIGKILL to '\(driver.name.rawValue)'")
      child.send(SIGKILL)
    }
  }
}

import VirbyKit

/// The ways down: the ladder, a step at a time.
extension Supervisor {
  /// How long the guest may take to react to its power button before it is pressed again.
  private static let askInterval = Duration.seconds(3)

  func stop(why: String, within limit: Duration) throws(Failure) {
    if ladder != nil {
      log.explain("asked to stop again \(clock)")
      return enter(.kill, for: .seconds(5))
    }
    ladderStart = .now
    ladder = StopLadder(until: .now + limit, hasControl: control != nil)
    log.explain("stopping why=\(why) \(clock)")
    tell(Event(.stopping, ["why": why]))
    try climb()
  }

  func climb() throws(Failure) {
    guard step != .kill, let (step, time) = ladder?.next() else {
      throw Failure(.unavailable, "driver '\(driver.name.rawValue)' outlives SIGKILL")
    }
    enter(step, for: time)
  }

  /// Presses the power button again, for a guest that is still booting misses it, or climbs on.
  func ask() throws(Failure) {
    guard let stepEnd, .now < stepEnd else { return try climb() }
    nextAsk = min(stepEnd, .now + Self.askInterval)
    attempt(.ask)
  }

  /// Takes a step of the ladder.
  private func enter(_ step: StopLadder.Step, for time: Duration) {
    self.step = step
    stepEnd = .now + time
    nextAsk = step == .ask ? min(.now + time, .now + Self.askInterval) : nil
    control?.patience = min(time, Self.askInterval)
    log.explain("\(step), which has \(Stopwatch.text(time)), \(clock)")
    if step == .quit {
      log.warn("the guest did not power off; telling '\(driver.name.rawValue)' to quit")
    }
    if step == .kill { log.warn("sending SIGKILL to '\(driver.name.rawValue)'") }
    attempt(step)
  }

  /// A step that fails is not waited for: the next one comes in a second, unless the driver has just ended.
  /// But a driver that only does not answer may be slow, and the guest is then asked again.
  private func attempt(_ step: StopLadder.Step) {
    do throws(Failure) {
      switch step {
      case .ask: try control?.powerDown()
      case .quit: try control?.quit()
      case .terminate: child.send(SIGTERM)
      case .kill: child.send(SIGKILL)
      }
    } catch {
      log.warn(error.message)
      if step == .ask && control?.isOpen == true { return }
      stepEnd = min(stepEnd ?? .now, .now + .seconds(1))
      nextAsk = nil
    }
  }
}

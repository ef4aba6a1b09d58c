import VirbyKit

/// The ways down: the ladder, a step at a time.
extension Supervisor {
  /// How long the guest may take to react to its power button before it is pressed again.
  static let askInterval = Duration.seconds(3)
  /// How long a driver that was still coming up may take, for the guest cannot be asked before.
  static let startGrace = Duration.seconds(3)

  /// Within this time a second signal is the first one's echo: a terminal or a service manager signals the
  /// whole pipeline, and the shell that waits for it passes the signal on.
  private static let echo = Duration.seconds(1)

  /// Begins to stop, or, if a signal asks again, kills the driver. The stages that were told to stop too hang up.
  func stop(why: String, within limit: Duration) throws(Failure) {
    if let ladderStart {
      if why != "signal" || .now < ladderStart + Self.echo { return }
      log.explain("asked to stop again \(clock)")
      return enter(.kill, for: .seconds(5))
    }
    let isStarting = startEnd != nil
    startEnd = nil
    ladderStart = .now
    ladder = StopLadder(until: .now + limit, hasControl: isRunning)
    log.explain("stopping why=\(why) \(clock)")
    tell(Event(.stopping, ["why": why]))
    if isStarting { stepEnd = .now + min(Self.startGrace, limit / 4) } else { try climb() }
  }

  func climb() throws(Failure) {
    guard step != .kill, let (step, time) = ladder?.next() else {
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
  private func enter(_ step: StopLadder.Step, for time: Duration) {
    self.step = step
    stepEnd = .now + time
    nextAsk = step == .ask ? min(.now + time, .now + Self.askInterval) : nil
    log.explain("\(step), which has \(Stopwatch.text(time)), \(clock)")
    switch step {
    case .ask: control.powerDown()
    case .quit:
      log.warn("the guest did not power off; telling '\(driver.name.rawValue)' to quit")
      control.quit()
    case .terminate: child.send(SIGTERM)
    case .kill:
      log.warn("sending SIGKILL to '\(driver.name.rawValue)'")
      child.send(SIGKILL)
    }
  }

  /// A step that came to nothing is not waited for: the next one comes in a second, unless the driver has just
  /// ended. But one that only does not answer may be slow, and the guest is then asked again.
  func leaveStep() {
    guard step == .quit || (step == .ask && !control.isOpen) else { return }
    stepEnd = min(stepEnd ?? .now, .now + .seconds(1))
    nextAsk = nil
  }
}

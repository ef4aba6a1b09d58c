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
  let companions: [Companion]
  let log: Diagnostics
  let control: any Control
  var end: Child.End?
  var isRunning = false
  var startEnd: ContinuousClock.Instant?
  var startFailure: Failure?
  var loss: (failure: Failure, until: ContinuousClock.Instant)?
  var ladder: StopLadder?
  var step: StopLadder.Step?
  var stepEnd: ContinuousClock.Instant?
  var nextAsk: ContinuousClock.Instant?

  /// Takes charge of a driver that has just been started.
  init(
    _ child: Child, of driver: any Driver, running machine: Machine, stage: Stage,
    companions: [Companion], log: Diagnostics
  ) {
    self.machine = machine
    self.driver = driver
    self.child = child
    self.stage = stage
    self.companions = companions
    self.log = log
    control = driver.control(of: machine)
  }

  /// Waits for the driver's end, whoever brings it about.
  ///
  /// - Throws: 69 if the driver failed or had to be forced; the driver has ended in any case.
  func run(startTimeout: Duration, stopTimeout: Duration) throws(Failure) {
    do throws(Failure) {
      try stage.tell(
        Event(
          .starting, ["driver": driver.name.rawValue, "pid": child.pid, "mac": machine.address])
      )
      startEnd = .now + startTimeout
      while !hasEnded() {
        let deadline = [
          control.deadline, startEnd, ladder == nil ? loss?.until : nil, nextAsk, stepEnd,
        ].compactMap(\.self).min()
        switch try stage.next(until: deadline, also: [control.watch]) {
        case .signal(SIGCHLD), .ready, .deadline, .line, .inputEnd: break
        case .signal: try stop(why: "signal", within: stopTimeout)
        case .hangup: try stop(why: "hangup", within: stopTimeout)
        }
        for news in control.proceed() { try heed(news) }
        if hasEnded() { break }
        if let startEnd, startEnd <= .now {
          let patience = "did not come up within \(startTimeout.text)"
          throw startFailure ?? Failure(.later, "driver '\(driver.name.rawValue)' \(patience)")
        }
        try look(after: companions, within: stopTimeout)
        if let nextAsk, nextAsk <= .now { try ask() }
        if let stepEnd, stepEnd <= .now { try climb() }
      }
      return try finish()
    } catch {
      if !hasEnded() {
        child.send(SIGKILL)
        end = child.end(blocking: true)
      }
      throw error
    }
  }

  private func heed(_ news: News) throws(Failure) {
    switch news {
    case .said(let text): log.explain("driver: \(text)")
    case .running(let access):
      startEnd = nil
      if isRunning || ladder != nil { return }
      isRunning = true
      try stage.tell(
        access.map { Event(.running, ["mac": machine.address, "at": $0]) }
          ?? Event(.running, ["mac": machine.address]))
    case .trouble(let failure) where startEnd != nil:
      // QEMU listens before it has read all its options: it may be about to say why, and end.
      startFailure = startFailure ?? failure
      startEnd = min(startEnd ?? .now, .now + .seconds(1))
    case .trouble(let failure):
      log.explain(failure.message)
      // The driver may just have ended.
      if step == .quit { stepEnd = min(stepEnd ?? .now, .now + .seconds(1)) }
    }
  }

  /// A guest without its network, or without a folder that it uses, is stopped.
  private func look(after companions: [Companion], within limit: Duration) throws(Failure) {
    if ladder != nil { return }
    if loss == nil, let lost = companions.first(where: { $0.hasEnded() }), let end = lost.end {
      // One whose driver ends may be the first to be seen.
      loss = (
        Failure(.unavailable, "'\(lost.name)' \(end) while the guest ran"), .now + .seconds(1)
      )
    }
    if let loss, loss.until <= .now { try stop(why: "companion", within: limit) }
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
    guard end == .exited(0) && (isRunning || step != nil) else {
      let phase = isRunning ? "" : " before the guest was running"
      throw Failure(.unavailable, "driver '\(driver.name.rawValue)' \(end)\(phase)")
    }
    if let loss, step != nil { throw loss.failure }
  }
}

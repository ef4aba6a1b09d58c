import VirbyKit

/// A machine whose virby-boot was killed, as its guard sees it.
struct OrphanedMachine {
  private let control: any Control
  private let log: Diagnostics
  /// The driver alone holds the other end.
  private let driver: Descriptor

  /// - Throws: 64 if it was not the guard's shell that called: the signals would reach its caller.
  init(of control: any Control, log: Diagnostics) throws(Failure) {
    var status = stat()
    guard getpgrp() == getppid(), fstat(OrphanGuard.leash, &status) == 0,
      status.st_mode & S_IFMT == S_IFIFO
    else { throw Failure(.usage, "'--guard' is not to be given") }
    self.control = control
    self.log = log
    driver = Descriptor(inherited: OrphanGuard.leash)
  }

  /// Takes the steps of any stop but the last, which is the shell's, until the driver is gone.
  ///
  /// - Throws: 71.
  func stop(within limit: Duration) throws(Failure) {
    let last = ContinuousClock.now + limit
    var ladder = StopLadder(until: last, hasControl: true)
    // A driver that was killed along with virby-boot may take a moment.
    while !(try isGone(by: .now + .milliseconds(100))), let (step, time) = ladder.next() {
      if step == .kill { return }
      if step == .quit && !control.canQuit { continue }
      log.warn("virby-boot was killed; \(step)")
      let end = ContinuousClock.now + time
      switch step {
      case .ask:
        if !(try ask(until: end)) { ladder = StopLadder(until: last, hasControl: false) }
        continue
      case .quit: control.quit()
      default: kill(0, SIGTERM)
      }
      _ = try isGone(by: end)
    }
  }

  /// Presses the power button as soon as there is one, and again every few seconds.
  ///
  /// - Returns: false if there is none.
  private func ask(until end: ContinuousClock.Instant) throws(Failure) -> Bool {
    var deadline = min(end, .now + Supervisor.startGrace)
    var nextAsk: ContinuousClock.Instant?
    while deadline > .now {
      if let time = nextAsk, time <= .now {
        control.powerDown()
        nextAsk = .now + Supervisor.askInterval
      }
      let wake = [deadline, control.deadline, nextAsk].compactMap(\.self).min()
      if try isGone(by: wake ?? deadline, or: control.watch) { return true }
      for news in control.proceed() {
        switch news {
        case .running:
          deadline = end
          nextAsk = .now
        case .trouble where nextAsk == nil || !control.isOpen:
          deadline = min(deadline, .now + .seconds(1))
        default: break
        }
      }
    }
    return nextAsk != nil
  }

  private func isGone(
    by deadline: ContinuousClock.Instant, or watch: Watch = .nothing
  ) throws(Failure) -> Bool {
    try poll([.read(driver.raw), watch], until: deadline)[0]
  }
}

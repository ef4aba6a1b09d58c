import VirbyKit

/// A machine whose virby-boot may be killed, as its guard sees it.
struct OrphanedMachine {
  private let machine: Machine
  private let folder: ControlFolder
  private let control: any Control
  private let log: Diagnostics
  private let lock = Descriptor(inherited: OrphanGuard.lock)
  /// The driver alone holds the other end.
  private let driver = Descriptor(inherited: OrphanGuard.leash)

  init(_ machine: Machine, of driver: DriverName, folder: ControlFolder, log: Diagnostics) {
    self.machine = machine
    self.folder = folder
    self.log = log
    control = driver.control(of: machine)
  }

  /// Waits until virby-boot is gone, ends what it has left behind, and with that this process.
  ///
  /// - Throws: 64 if this process is no guard, 71.
  func end(within limit: Duration) throws(Failure) {
    // Else the signals would reach processes that are not the machine's.
    guard getpgrp() == getpid() else { throw Failure(.usage, "'--guard' is not to be given") }
    for number in [SIGTERM, SIGHUP, SIGINT, SIGPIPE] { signal(number, SIG_IGN) }
    while !(try poll([.read(STDIN_FILENO)])[0]) {}

    do throws(Failure) { try climbDown(within: limit) } catch { log.report(error) }
    for index in machine.shares.indices { Path.remove(machine.socket(ofShare: index)) }
    folder.remove()
    kill(0, SIGTERM)
    // The driver's companions are left, and have little to do.
    _ = try? poll([], until: .now + .milliseconds(200))
    kill(0, SIGKILL)
  }

  /// Takes the steps of any stop, but the last.
  private func climbDown(within limit: Duration) throws(Failure) {
    var ladder = StopLadder(until: .now + limit, hasControl: true)
    // A driver that was killed along with virby-boot may take a moment.
    while !(try isGone(by: .now + .milliseconds(100))), let (step, time) = ladder.next() {
      if step == .kill { return }
      if step == .quit && !control.canQuit { continue }
      log.warn("virby-boot was killed; \(step)")
      let end = ContinuousClock.now + time
      switch step {
      case .ask:
        try ask(until: end)
        continue
      case .quit: control.quit()
      default: kill(0, SIGTERM)
      }
      _ = try isGone(by: end)
    }
  }

  /// Presses the power button as soon as there is one, and again every few seconds.
  private func ask(until end: ContinuousClock.Instant) throws(Failure) {
    var deadline = min(end, .now + Supervisor.startGrace)
    var nextAsk: ContinuousClock.Instant?
    while deadline > .now {
      if let time = nextAsk, time <= .now {
        control.powerDown()
        nextAsk = .now + Supervisor.askInterval
      }
      let wake = [deadline, control.deadline, nextAsk].compactMap(\.self).min()
      if try isGone(by: wake ?? deadline, or: control.watch) { return }
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
  }

  private func isGone(
    by deadline: ContinuousClock.Instant, or watch: Watch = .nothing
  ) throws(Failure) -> Bool {
    try poll([.read(driver.raw), watch], until: deadline)[0]
  }
}

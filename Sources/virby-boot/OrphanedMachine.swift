import VirbyKit

/// A machine as its guard sees it: if virby-boot is killed, somebody has to end it.
struct OrphanedMachine {
  let machine: Machine
  let folder: ControlFolder
  let control: any Control
  let log: Diagnostics
  /// The driver alone holds the other end.
  private let driver = Descriptor(owning: OrphanGuard.leash)

  init(_ machine: Machine, of driver: DriverName, folder: ControlFolder, log: Diagnostics) {
    self.machine = machine
    self.folder = folder
    self.log = log
    control = driver.control(of: machine)
  }

  /// Waits until virby-boot is gone, takes the driver down the same ladder, and ends with its group.
  ///
  /// - Throws: 64 if this process is no guard, 71.
  func end(within limit: Duration) throws(Failure) {
    // Else the signals would reach processes that are not its own.
    guard getpgrp() == getpid() else { throw Failure(.usage, "'--guard' is not to be given") }
    for number in [SIGTERM, SIGHUP, SIGINT, SIGPIPE] { signal(number, SIG_IGN) }
    while !(try poll([.read(STDIN_FILENO)])[0]) {}

    var ladder = StopLadder(until: .now + limit, hasControl: true)
    // One that was killed along with virby-boot may take a moment.
    while !(try isGone(by: .now + .milliseconds(100))), let (step, time) = ladder.next(), step != .kill {
      log.warn("virby-boot was killed; \(step)")
      try take(step, for: time)
    }
    // The next start cannot be in the way: with this process the lock is held.
    for index in machine.shares.indices { Path.remove(machine.socket(ofShare: index)) }
    folder.remove()
    kill(0, SIGTERM)
    // For the companions, which the driver may have outlived until now.
    _ = try poll([], until: .now + .milliseconds(200))
    kill(0, SIGKILL)
  }

  private func take(_ step: StopLadder.Step, for time: Duration) throws(Failure) {
    switch step {
    case .ask: return try ask(for: time)
    case .quit where !control.canQuit: return
    case .quit: control.quit()
    case .terminate: kill(0, SIGTERM)
    case .kill: kill(0, SIGKILL)
    }
    _ = try isGone(by: .now + time)
  }

  /// Presses the power button as soon as there is one, and every three seconds.
  private func ask(for time: Duration) throws(Failure) {
    let end = ContinuousClock.now + time
    var deadline = min(end, .now + Supervisor.startGrace)
    var nextAsk: ContinuousClock.Instant?
    while deadline > .now {
      if let time = nextAsk, time <= .now {
        control.powerDown()
        nextAsk = .now + Supervisor.askInterval
      }
      let wake = [deadline, control.deadline, nextAsk].compactMap(\.self).min() ?? deadline
      if try isGone(by: wake, or: control.watch) { return }
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

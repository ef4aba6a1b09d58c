import VirbyKit

/// A machine whose virby-boot was killed, as its guard sees it.
struct OrphanedMachine {
  private let control: any Control
  private let log: Diagnostics
  private let driver = Leash()

  /// A driver that is held by a pipe, whose other end it alone has, and by its process group.
  private struct Leash: DriverProcess {
    private let pipe = Descriptor(inherited: Inheritance.Role.leash.rawValue)

    var watch: Watch { .read(pipe.raw) }

    /// SIGKILL would reach the guard's shell too, which sends it in the end.
    func send(_ signal: Signal) -> Int32 {
      signal == .kill ? 0 : signal.send(toGroup: 0)
    }
  }

  /// - Throws: 64 if it was not the guard's shell that called: the signals would reach its caller.
  init(of control: any Control, log: Diagnostics) throws(Failure) {
    guard Inheritance.isFromGuard else { throw Failure(.usage, "'--guard' is for internal use") }
    self.control = control
    self.log = log
  }

  /// Takes the steps of any stop but the last, which is the shell's, until the driver is gone.
  ///
  /// - Throws: 71.
  func stop(within limit: Duration) throws(Failure) {
    // A driver that was killed along with virby-boot may take a moment.
    if try isGone(by: .now + .milliseconds(100)) { return }
    var descent = Descent(of: driver, by: control, within: limit) { [log] step, _ in
      if step != .kill { log.warn("virby-boot was killed; \(step)") }
    }
    while descent.step != .kill {
      let wake = min(descent.deadline, control.deadline ?? descent.deadline)
      if try isGone(by: wake, or: control.watch) { return }
      for news in control.proceed() { descent.heed(news) }
      descent.proceed()
    }
  }

  private func isGone(
    by deadline: ContinuousClock.Instant, or watch: Watch = .nothing
  ) throws(Failure) -> Bool {
    try poll([driver.watch, watch], until: deadline)[0]
  }
}

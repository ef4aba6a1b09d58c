import VirbyKit

/// Waits for the VM to be idle: reads events, runs the commands at the end of the TTL, decides.
struct IdleWatch {
  /// What is run by /bin/sh to ask whether the guest is busy.
  let busyCommand: String?
  /// What is run before the end; may be empty.
  let closingCommand: [String]
  /// How long either may take.
  let patience: Duration
  let log: Diagnostics

  private let stage: Stage
  private var clock: IdleClock
  private var errand: Errand?
  private var outcome: Outcome?

  private enum Outcome {
    case done
    case failed(Failure)
  }

  /// Takes its place in the pipeline; the TTL counts from now.
  ///
  /// - Throws: 71.
  init(
    ttl: Duration, busyCommand: String?, closingCommand: [String], patience: Duration,
    log: Diagnostics
  ) throws(Failure) {
    self.busyCommand = busyCommand
    self.closingCommand = closingCommand
    self.patience = patience
    self.log = log
    stage = try Stage(also: [SIGCHLD])
    clock = IdleClock(ttl: ttl, at: .now)
    unsetenv("VIRBY_GUEST")
  }

  /// Returns when the VM is idle, or when a signal or a hangup ends the wait.
  ///
  /// - Throws: 1 if the events end first, 65 or 71, 69 if the closing command cannot be started.
  mutating func run() throws(Failure) {
    while true {
      if errand == nil, let outcome {
        if case .failed(let failure) = outcome { throw failure }
        return stage.end()
      }
      switch try stage.next(until: errand?.deadline ?? clock.deadline) {
      case .line(let line): try count(line)
      case .inputEnd: conclude(.failed(Failure(.no, "the events ended before the VM was idle")))
      case .hangup: conclude(.done)
      case .signal(SIGCHLD): try collect()
      case .signal:
        stage.stopAtNextSignal()
        conclude(.done)
      case .deadline: try pass()
      case .ready: break
      }
    }
  }

  /// Counts the lines themselves, not their `id` or `active`: two forwarders may stand in one pipeline.
  private mutating func count(_ line: EventLine) throws(Failure) {
    try stage.pass(line)
    // A command that went through the forwarder would count as a client; it can go straight to the guest.
    if line.event.is(.ready), let guest = line.event["at"] { setenv("VIRBY_GUEST", guest, 1) }
    if line.event.is(.starting) { clock.start() }
    if line.event.is(.lease) || (line.event.is(.running) && line.event["at"] != nil) {
      clock.reach(at: .now)
    }
    if line.event.is(.open) {
      clock.open()
      if clock.active == 1 { try stage.tell(Event(.busy, [:])) }
      errand?.cancel()
    } else if line.event.is(.close), !clock.close(at: .now) {
      log.warn("a 'close' without an 'open' before it is not counted")
    }
  }

  /// The first outcome counts. A command that runs is stopped and waited for.
  private mutating func conclude(_ outcome: Outcome) {
    self.outcome = self.outcome ?? outcome
    errand?.cancel()
  }

  /// A deadline has passed: the TTL's, or that of the command that runs.
  private mutating func pass() throws(Failure) {
    if errand != nil {
      errand?.stop()
    } else if let busyCommand {
      log.explain("nothing is open; asking '\(busyCommand)'")
      errand = try Errand(.asking, ["/bin/sh", "-c", busyCommand], patience: patience)
    } else {
      try close()
    }
  }

  private mutating func close() throws(Failure) {
    try stage.tell(Event(.idle, ["for": clock.secondsEmpty(at: .now)]))
    if closingCommand.isEmpty {
      conclude(.done)
    } else {
      errand = try Errand(.closing, closingCommand, patience: patience)
    }
  }

  /// Takes the outcome of a command that has ended.
  private mutating func collect() throws(Failure) {
    guard let errand, let end = errand.end else { return }
    self.errand = nil
    if errand.isCancelled { return }
    switch (errand.purpose, end) {
    case (.asking, .exited(0)):
      clock.startOver(at: .now)
      try stage.tell(Event(.busy, [:]))
    case (.asking, .exited(..<126)):
      try close()
    case (.asking, _):
      log.warn("the command of '--busy' \(end); taken for 'not busy'")
      try close()
    case (.closing, _):
      if end != .exited(0) { log.warn("the closing command \(end)") }
      conclude(.done)
    }
  }
}

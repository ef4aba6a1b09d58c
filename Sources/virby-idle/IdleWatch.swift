import VirbyKit

/// Waits for the VM to be idle: reads events, runs the commands at the end of the TTL, decides.
struct IdleWatch {
  /// What is run by /bin/sh to ask whether the guest is busy.
  let busyCommand: String?
  /// What is run before the end; may be empty.
  let closingCommand: [String]
  /// How long either may take.
  let patience: Duration
  /// Whether a malformed line is only warned of.
  let isLenient: Bool
  let log: Diagnostics

  private let stage: Stage
  private(set) var connections = Connections()
  private var warnedOf: Set<Connections.Oddity> = []
  private(set) var clock: IdleClock
  private(set) var errand: Errand?
  // Idle, with the closing command behind it; lines that have come meanwhile can still change that.
  private var isClosed = false
  private var hasStopped = false
  private(set) var outcome: Outcome?

  enum Outcome {
    case ended(ExitStatus)
    case failed(Failure)
  }

  /// Takes its place in the pipeline.
  ///
  /// - Throws: 71.
  init(
    clock: IdleClock, busyCommand: String?, closingCommand: [String], patience: Duration,
    isLenient: Bool, log: Diagnostics
  ) throws(Failure) {
    self.clock = clock
    self.busyCommand = busyCommand
    self.closingCommand = closingCommand
    self.patience = patience
    self.isLenient = isLenient
    self.log = log
    stage = try Stage(also: [.child] + Signals.inquiries)
    Environment.set("VIRBY_GUEST", to: nil)
  }

  /// Returns when the VM is idle or its end has been told, or when a signal or a hangup ends the wait.
  ///
  /// - Throws: 1 if the events end first, 65 or 71, 69 if a command cannot be started.
  mutating func run() throws(Failure) -> ExitStatus {
    while true {
      if errand == nil, let outcome {
        stage.end()
        switch outcome {
        case .ended(let status): return status
        case .failed(let failure): throw failure
        }
      }
      do throws(Failure) {
        try heed(try stage.next(until: errand?.deadline ?? (isClosed ? .now : clock.deadline)))
      } catch {
        if isLenient && error.status == .malformed {
          log.warn("\(error.message); ignored")
        } else if case .failed = outcome {
          errand?.kill()
          throw error
        } else {
          conclude(.failed(error))
        }
      }
    }
  }

  private mutating func heed(_ occurrence: Stage.Occurrence) throws(Failure) {
    switch occurrence {
    case .line(let line):
      try stage.pass(line)
      try count(line)
    case .inputEnd:
      conclude(
        hasStopped
          ? .ended(.no) : .failed(Failure(.no, "the events ended before the VM was idle")))
    case .hangup: conclude(.ended(.done))
    case .signal(.child): try collect()
    case .signal(let signal) where Signals.inquiries.contains(signal): log.answer(report(at: .now))
    case .signal:
      if stage.isImpatient { errand?.kill() }
      conclude(.ended(.done))
    case .deadline: try pass()
    case .ready: break
    }
  }

  private mutating func count(_ line: EventLine) throws(Failure) {
    let event = line.event
    switch Verb(rawValue: event.verb) {
    case .starting: clock.start(at: .now)
    case .running where event["at"] != nil, .lease: clock.reach(at: .now)
    case .listening: connections.addForwarder()
    // A command that went through the forwarder would count as a client; it can go straight to the guest.
    case .ready: if let guest = event["at"] { Environment.set("VIRBY_GUEST", to: guest) }
    case .open, .close: try connect(line)
    case .stopping:
      clock.stop(at: .now)
      cancel()
    case .stopped: hasStopped = true
    default: break
    }
  }

  private mutating func connect(_ line: EventLine) throws(Failure) {
    let isOpen = line.event.is(.open)
    let id = line.event["id"] ?? ""
    let active = line.event["active"].flatMap { UInt32($0) }.map { Int($0) }
    let oddity =
      isOpen ? connections.open(id, active: active) : connections.close(id, active: active)
    if let oddity { tell(oddity, of: id, line: line.number) }
    let isOccupied = connections.active > 0
    if clock.occupy(isOccupied, at: .now) { try stage.tell(Event(.busy, [:])) }
    if isOccupied { cancel() }
    if active == nil { throw Failure(.malformed, "line \(line.number): 'active' is not a number") }
  }

  /// Warns of the first oddity of each kind; where there is one there are many.
  private mutating func tell(_ oddity: Connections.Oddity, of id: String, line: Int) {
    let text = "line \(line): \(connections.account(of: oddity, id))"
    if warnedOf.insert(oddity).inserted { log.warn(text) } else { log.explain(text) }
  }

  /// The end, if it was near, is off.
  private mutating func cancel() {
    isClosed = false
    errand?.cancel()
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
    } else if isClosed {
      conclude(.ended(.done))
    } else if let busyCommand, clock.mayStartOver {
      log.explain("nothing is open; asking '\(busyCommand)'")
      errand = try Errand(.asking, ["/bin/sh", "-c", busyCommand], patience: patience)
    } else {
      if busyCommand != nil {
        log.warn(
          "nothing has been open for \((.now - clock.since).spoken); the guest said it was busy for \(clock.given.spoken) of that, and is no longer asked"
        )
      }
      try close()
    }
  }

  private mutating func close() throws(Failure) {
    try stage.tell(Event(.idle, ["for": clock.secondsEmpty(at: .now)]))
    if closingCommand.isEmpty {
      isClosed = true
    } else {
      errand = try Errand(.closing, closingCommand, patience: patience)
    }
  }

  /// Takes the outcome of a command that has ended.
  private mutating func collect() throws(Failure) {
    guard let errand, let end = errand.collect() else { return }
    self.errand = nil
    if errand.isCancelled { return }
    let fault =
      errand.wasTold ? "took longer than \(patience.text) and was stopped" : end.description
    switch (errand.purpose, end) {
    case (.asking, .exited(0)) where !errand.wasTold:
      clock.startOver(at: .now)
      try stage.tell(Event(.busy, [:]))
    case (.asking, .exited(..<126)) where !errand.wasTold:
      try close()
    case (.asking, _):
      log.warn("the '--busy' command \(fault); treated as 'not busy'")
      try close()
    case (.closing, _):
      if end != .exited(0) || errand.wasTold { log.warn("the closing command \(fault)") }
      isClosed = true
    }
  }
}

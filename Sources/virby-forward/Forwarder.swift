import VirbyKit

/// All connections, and the loop that serves them. It owns everything; one thread runs it.
final class Forwarder {
  /// How long open connections may go on when the VM is gone.
  static let grace = Duration.seconds(2)
  /// How long they may go on after a signal: half of what launchd grants a job from SIGTERM to SIGKILL.
  static let stopTime = Duration.seconds(10)
  /// Descriptors for anything but connections: the streams, the listener, the loop's own.
  static let reserve = 16
  /// Half of what an unprivileged user's pipes may hold in all; more directions at once share the buffer.
  static let mostPipes = 32

  let stage: Stage
  let log: Diagnostics
  let readiness: Readiness
  let listener: Listener
  let readying: Readying
  let patience: Duration
  let capacity: Int
  let carrier: Carrier
  var target: Target
  var console: GuestConsole?
  var queue = ClientQueue()
  var connections: [UInt64: Connection] = [:]
  var latestID: UInt64 = 0
  /// The connections whose turn was cut short.
  var again: Set<UInt64> = []
  /// The connections whose clients have ended their side, towards a target that may not hear of it.
  var halfClosed: Set<UInt64> = []
  var graceEnd: ContinuousClock.Instant?
  private var hostSleep = HostSleep()

  /// Listens; nothing is accepted yet.
  ///
  /// - Parameter target: A target with an endpoint is final; otherwise events tell it.
  /// - Throws: 64 or 71.
  init(
    listen address: ListenAddress, target: Target, readying: Readying, patience: Duration,
    log: Diagnostics
  ) throws(Failure) {
    self.target = target
    self.readying = readying
    self.patience = patience
    self.log = log
    // Pipes and connections have two descriptors each.
    let pairs = max(1, (DescriptorLimit.raise() - Self.reserve) / 2)
    let mostPipes = min(Self.mostPipes, pairs / 8)
    capacity = pairs - mostPipes
    carrier = Carrier(mostPipes: mostPipes)
    readiness = try Readiness()
    listener = try Listener(address, readiness: readiness)
    stage = try Stage(readsEvents: target.endpoint == nil, readiness: readiness)
  }

  /// Forwards until there is nothing more to do.
  ///
  /// - Throws: 69 if the VM ends before it is known, 65 or 71. The clients that wait have been closed.
  func run() throws(Failure) {
    do throws(Failure) {
      try serve()
    } catch {
      listener.turnAway()
      throw error
    }
    stage.end()
  }

  private func serve() throws(Failure) {
    if let endpoint = listener.endpoint { try stage.tell(Event(.listening, ["at": endpoint])) }
    while listener.isOpen || !connections.isEmpty {
      switch try stage.next(until: deadline) {
      case .line(let line):
        try stage.pass(line)
        try target.learn(from: line.event)
        if line.event.is(.starting), let path = line.event["console"] {
          console = GuestConsole(path: path)
        }
      case .inputEnd:
        try endVM()
      case .hangup:
        log.explain("nobody reads the events any more; open connections may finish")
        try stopAccepting()
      case .signal:
        if stage.isImpatient { return }
        log.explain("stopping; open connections have \(Self.stopTime.text) to finish")
        try stopAccepting()
        limit(to: Self.stopTime)
      case .ready:
        try hear(readiness.notices)
      case .deadline:
        break
      }
      noticeSleep()
      try advance()
    }
  }

  private func noticeSleep() {
    guard let slept = hostSleep.notice() else { return }
    let seconds = Duration.seconds(slept.components.seconds)
    log.explain("the host has slept for \(seconds.text); probing \(connections.count) connections")
    for connection in connections.values { connection.outlast(slept) }
  }

  private var deadline: ContinuousClock.Instant? {
    if !again.isEmpty { return .now }
    var earliest = queue.deadline
    func heed(_ instant: ContinuousClock.Instant?) {
      if let instant { earliest = min(earliest ?? instant, instant) }
    }
    heed(listener.deadline)
    heed(graceEnd)
    heed(carrier.pipes.deadline)
    for id in halfClosed { heed(connections[id]?.silence?.deadline) }
    return earliest
  }

  // New clients come first: while the server answers one, there is time for the ends of others.
  private func hear(_ notices: [Readiness.Notice]) throws(Failure) {
    if notices.contains(where: { $0.token == Listener.token }) {
      listener.note()
      try acceptClients()
    }
    for notice in notices { connections[Connection.id(of: notice.token)]?.note(notice) }
    for notice in notices {
      guard let connection = connections[Connection.id(of: notice.token)], connection.isDue else {
        continue
      }
      try turn(connection)
    }
  }

  /// Does what is due by itself: turns that were cut short, clients to accept, attempts to make.
  private func advance() throws(Failure) {
    if !again.isEmpty {
      let due = again
      again = []
      for id in due { if let connection = connections[id] { try turn(connection) } }
    }
    if let graceEnd, graceEnd <= .now { try endAll(Array(connections.values)) }
    try endSilent()
    carrier.pipes.shrink()
    try acceptClients()
    try advanceQueue()
  }

  func turn(_ connection: Connection) throws(Failure) {
    if connection.turn(readying, by: carrier) { again.insert(connection.id) }
    try settle(connection)
  }
}

import VirbyKit

/// All connections, and the loop that serves them. It owns everything; one thread runs it.
final class Forwarder {
  /// How long open connections may go on when the VM is gone.
  private static let grace = Duration.seconds(2)
  /// Descriptors for anything but connections: the streams, the listener, the loop's own.
  private static let reserve = 16

  private let stage: Stage
  private let log: Diagnostics
  private let readiness: Readiness
  private let listener: Listener
  private let readying: Readying
  private let patience: Duration
  private let capacity = max(1, (DescriptorLimit.raise() - reserve) / 2)
  private let scratch = Scratch()
  private var target: Target
  private var queue = ClientQueue()
  private var connections: [UInt64: Connection] = [:]
  private var latestID: UInt64 = 0
  /// The connections whose turn was cut short.
  private var again: Set<UInt64> = []
  private var graceEnd: ContinuousClock.Instant?

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
    readiness = try Readiness()
    listener = try Listener(address, readiness: readiness)
    stage = try Stage(readsEvents: target.endpoint == nil)
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
      switch try stage.next(until: deadline, also: [readiness.watch]) {
      case .line(let line):
        try stage.pass(line)
        try target.learn(from: line.event)
      case .inputEnd:
        try endVM()
      case .hangup:
        log.explain("nobody reads the events any more; open connections may finish")
        try stopAccepting()
      case .signal:
        stage.stopAtNextSignal()
        try stopAccepting()
      case .ready:
        for notice in try readiness.notices() { try hear(notice) }
      case .deadline:
        break
      }
      try advance()
    }
  }

  private var deadline: ContinuousClock.Instant? {
    if !again.isEmpty { return .now }
    return [queue.deadline, listener.deadline, graceEnd].compactMap { $0 }.min()
  }

  private func hear(_ notice: Readiness.Notice) throws(Failure) {
    if notice.token == Listener.token { return listener.note() }
    guard let connection = connections[Connection.id(of: notice.token)] else { return }
    connection.note(notice)
    try turn(connection)
  }

  /// Does what is due by itself: turns that were cut short, clients to accept, attempts to make.
  private func advance() throws(Failure) {
    let due = again
    again = []
    for id in due { if let connection = connections[id] { try turn(connection) } }
    if let graceEnd, graceEnd <= .now { try endAll(Array(connections.values)) }
    try acceptClients()
    try advanceQueue(at: .now)
  }

  private func turn(_ connection: Connection) throws(Failure) {
    if connection.turn(readying, through: scratch) { again.insert(connection.id) }
    try settle(connection)
  }
}

// MARK: - Clients

extension Forwarder {
  private func acceptClients() throws(Failure) {
    guard target.endpoint != nil else { return }
    while connections.count < capacity, let client = try listener.accept(log) {
      latestID += 1
      let connection = Connection(id: latestID, client: client, until: .now + patience)
      connections[connection.id] = connection
      queue.append(connection)
      try stage.tell(Event(.open, ["id": connection.id, "active": connections.count]))
      try connection.watch(with: readiness)
    }
  }

  private func advanceQueue(at now: ContinuousClock.Instant) throws(Failure) {
    for client in queue.front { client.expire(at: now) }
    for client in queue.clients where client.patienceEnd <= now { try giveUp(client) }
    guard let endpoint = target.endpoint else { return }
    for client in queue.front {
      guard case .held(let until) = client.state, until <= now else { continue }
      log.explain("client \(client.id): trying '\(endpoint)'")
      try client.attempt(endpoint, warm: queue.isWarm, with: readiness)
    }
  }

  /// Draws the consequences of what has become of a connection.
  private func settle(_ connection: Connection) throws(Failure) {
    switch connection.state {
    case .relaying:
      if queue.remove(connection) { try tellReady() }
    case .closed:
      guard connections.removeValue(forKey: connection.id) != nil else { return }
      // A connection may be answered and closed in one turn.
      if queue.remove(connection), connection.wasReady { try tellReady() }
      listener.endShortage()
      let (bytesIn, bytesOut) = connection.counts
      try stage.tell(
        Event(
          .close,
          ["id": connection.id, "active": connections.count, "in": bytesIn, "out": bytesOut]))
    case .held, .trying:
      break
    }
  }

  private func tellReady() throws(Failure) {
    guard !queue.isWarm, let endpoint = target.endpoint else { return }
    queue.isWarm = true
    try stage.tell(Event(.ready, ["at": endpoint]))
  }

  private func giveUp(_ client: Connection) throws(Failure) {
    log.warn(
      "closed client \(client.id) after \(patience.text) without an answer from the guest: "
        + client.latestRefusal)
    client.close()
    try settle(client)
  }
}

// MARK: - Endings

extension Forwarder {
  /// Lets the open connections finish. A service manager keeps the clients that wait; those of our own
  /// socket would be reset, so they are still taken.
  private func stopAccepting() throws(Failure) {
    if !listener.isInherited {
      listener.note()
      try acceptClients()
    }
    listener.stop()
  }

  /// The stage before us is gone, and the VM with it.
  private func endVM() throws(Failure) {
    guard target.endpoint != nil else {
      if !listener.isOpen { return }
      throw Failure(.unavailable, "the VM ended before it could be reached")
    }
    listener.stop()
    for client in queue.clients { log.warn("closed client \(client.id): the VM ended") }
    try endAll(queue.clients)
    graceEnd = .now + Self.grace
  }

  private func endAll(_ some: [Connection]) throws(Failure) {
    for connection in some {
      connection.close()
      try settle(connection)
    }
  }
}

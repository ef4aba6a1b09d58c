import VirbyKit

extension Forwarder {
  func acceptClients() throws(Failure) {
    guard target.endpoint != nil else { return }
    while connections.count < capacity, let client = try listener.accept(log) {
      latestID += 1
      let connection = Connection(id: latestID, client: client, until: .now + patience)
      connections[connection.id] = connection
      queue.append(connection)
      try advanceQueue()
      try stage.tell(Event(.open, ["id": connection.id, "active": connections.count]))
      try connection.watch(with: readiness)
    }
  }

  func advanceQueue() throws(Failure) {
    if queue.clients.isEmpty { return }
    let now = ContinuousClock.now
    for client in queue.front {
      if client.expire(at: now, readying, by: carrier) { again.insert(client.id) }
      try settle(client)
    }
    for client in queue.clients where client.patienceEnd <= now { try giveUp(client) }
    guard let endpoint = target.endpoint else { return }
    for client in queue.front {
      guard case .waiting = client.state, client.attempts.due <= now else { continue }
      log.explain("client \(client.id): trying '\(endpoint)'")
      try client.attempt(endpoint, warm: queue.isWarm, with: readiness)
    }
  }

  /// Draws the consequences of what has become of a connection.
  func settle(_ connection: Connection) throws(Failure) {
    switch connection.state {
    case .relaying:
      if queue.remove(connection) { try tellReady() }
      if connection.silence?.deadline != nil {
        halfClosed.insert(connection.id)
      } else if !halfClosed.isEmpty {
        halfClosed.remove(connection.id)
      }
    case .closed:
      guard connections.removeValue(forKey: connection.id) != nil else { return }
      halfClosed.remove(connection.id)
      // A connection may be answered and closed in one turn.
      if queue.remove(connection), connection.wasReady { try tellReady() }
      listener.endShortage()
      let (bytesIn, bytesOut) = connection.counts
      try stage.tell(
        Event(
          .close,
          ["id": connection.id, "active": connections.count, "in": bytesIn, "out": bytesOut]))
    case .waiting:
      break
    }
  }

  func tellReady() throws(Failure) {
    guard !queue.isWarm, let endpoint = target.endpoint else { return }
    queue.isWarm = true
    try stage.tell(Event(.ready, ["at": endpoint]))
  }

  func giveUp(_ client: Connection) throws(Failure) {
    log.warn(
      "closed client \(client.id) after \(patience.text) without an answer from the guest: "
        + client.attempts.latestRefusal + (console.map { "; \($0.account)" } ?? ""))
    client.close()
    try settle(client)
  }
}

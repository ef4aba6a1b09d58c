import VirbyKit

extension Forwarder {
  /// Lets the open connections finish. A service manager keeps the clients that wait; those of our own
  /// socket would be reset, so they are still taken.
  func stopAccepting() throws(Failure) {
    if !listener.isInherited {
      listener.note()
      try acceptClients()
    }
    listener.stop()
  }

  /// The stage before us is gone, and the VM with it.
  func endVM() throws(Failure) {
    guard target.endpoint != nil else {
      if !listener.isOpen { return }
      throw Failure(.unavailable, "the VM ended before it could be reached")
    }
    listener.stop()
    let waiting = queue.clients
    for client in waiting { log.warn("closed client \(client.id): the VM ended") }
    try endAll(waiting)
    if !queue.isWarm && !waiting.isEmpty {
      throw Failure(.unavailable, "the VM ended before its server was ready")
    }
    limit(to: Self.grace)
  }

  /// Open connections have that long to finish, unless their end is nearer already.
  func limit(to time: Duration) {
    let end = ContinuousClock.now + time
    graceEnd = min(graceEnd ?? end, end)
  }

  /// Gives up the half-closed connections on which nothing has moved for too long.
  func endSilent() throws(Failure) {
    if halfClosed.isEmpty { return }
    for connection in halfClosed.compactMap({ connections[$0] }) {
      guard let end = connection.silence?.deadline, end <= .now else { continue }
      // Something may have moved, or wait for the client, after all.
      try turn(connection)
      guard let end = connection.silence?.deadline, end <= .now else { continue }
      log.explain(
        "closed client \(connection.id): it has ended its side, and nothing has moved for \(Silence.limit.text)"
      )
      try endAll([connection])
    }
  }

  func endAll(_ some: [Connection]) throws(Failure) {
    for connection in some {
      connection.close()
      try settle(connection)
    }
  }
}

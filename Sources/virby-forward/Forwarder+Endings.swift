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
    graceEnd = .now + Self.grace
  }

  func endAll(_ some: [Connection]) throws(Failure) {
    for connection in some {
      connection.close()
      try settle(connection)
    }
  }
}

import VirbyKit

/// The clients whose server is not ready yet, in the order of their arrival.
///
/// As long as the server has never answered, only the first of them tries. Then they all do, a few at a
/// time, for sshd drops some when more than ten log in at once (MaxStartups).
struct ClientQueue {
  private static let attemptsAtOnce = 8

  private(set) var clients: [Connection] = []
  /// Whether the server has been ready before.
  var isWarm = false

  mutating func append(_ client: Connection) { clients.append(client) }

  /// Whether it was there to be removed.
  mutating func remove(_ client: Connection) -> Bool {
    guard let place = clients.firstIndex(where: { $0 === client }) else { return false }
    clients.remove(at: place)
    return true
  }

  /// The clients that may make an attempt, or have one in flight.
  var front: ArraySlice<Connection> { clients.prefix(isWarm ? Self.attemptsAtOnce : 1) }

  /// When the next client has something to do by itself.
  var deadline: ContinuousClock.Instant? {
    // All have the same patience, so it is the first one's that ends first.
    guard var earliest = clients.first?.patienceEnd else { return nil }
    for client in front {
      if case .waiting = client.state { earliest = min(earliest, client.attempts.deadline) }
    }
    return earliest
  }
}

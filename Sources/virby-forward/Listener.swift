import VirbyKit

/// The listening socket, and when it is worth asking for another client.
final class Listener {
  static let token: UInt64 = 0
  private static let mostFailures = 5

  /// Whether the socket is a service manager's, which keeps the clients that are not accepted.
  let isInherited: Bool
  private var socket: ListeningSocket?
  private let readiness: Readiness
  private var mayAccept = false
  private var shortageEnd: ContinuousClock.Instant?
  /// How often in a row nobody could be accepted, with a second in between.
  private var failures = 0
  /// A number that is given up when it is needed to turn clients away in a shortage.
  private var reserve: Descriptor?

  /// Binds, or takes over what was handed over.
  ///
  /// - Throws: 64 or 71.
  init(_ address: ListenAddress, readiness: Readiness) throws(Failure) {
    let socket: ListeningSocket
    switch address {
    case .endpoint(let endpoint):
      socket = try ListeningSocket(at: endpoint)
      isInherited = false
    case .inherited(let number):
      socket = try ListeningSocket(inherited: number)
      isInherited = true
    }
    socket.tuneClients()
    self.socket = socket
    self.readiness = readiness
    reserve = try Descriptor.null()
    try readiness.add(socket, token: Self.token)
  }

  deinit { stop() }

  /// Whether clients are still taken.
  var isOpen: Bool { socket != nil }

  /// Where it listens; nil when it has stopped.
  var endpoint: Endpoint? { socket?.endpoint }

  /// When accepting is worth another try after a shortage.
  var deadline: ContinuousClock.Instant? { mayAccept ? shortageEnd : nil }

  /// Readiness has told that a client waits.
  func note() { mayAccept = true }

  /// A descriptor has become free.
  func endShortage() { shortageEnd = nil }

  /// Accepts the next client, or nil if none waits.
  ///
  /// In a shortage of descriptors the clients stay in the backlog, and nothing is tried until one has
  /// become free, or for a second: another process may have caused the shortage. A shortage may last;
  /// that nothing but errors comes out of the socket may not.
  ///
  /// - Throws: 71.
  func accept(_ log: Diagnostics) throws(Failure) -> Socket? {
    guard let socket, mayAccept else { return nil }
    if let end = shortageEnd, end > .now { return nil }
    shortageEnd = nil
    switch try socket.accept() {
    case .client(let client):
      failures = 0
      return client
    case .nobody:
      failures = 0
      mayAccept = false
    case .shortage(let code):
      pause(code, log)
    case .failing(let code):
      if failures == Self.mostFailures { throw socket.cannotAccept(code) }
      pause(code, log)
    }
    return nil
  }

  private func pause(_ code: Int32, _ log: Diagnostics) {
    if failures == 0 { log.warn("cannot accept a connection now: \(Failure.reason(code))") }
    failures += 1
    shortageEnd = .now + .seconds(1)
  }

  /// Closes every client that waits, so that a service manager does not start us again for it.
  func turnAway() {
    reserve = nil
    while let socket, case .client = try? socket.accept() {}
  }

  /// Stops. There is no shutdown(2): the socket may belong to the service manager too.
  func stop() {
    guard let socket else { return }
    socket.removeFile()
    readiness.remove(socket)
    self.socket = nil
  }
}

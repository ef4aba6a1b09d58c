/// How long nothing has moved on a connection whose client has ended its own side.
///
/// vfkit's vsock proxy never passes the client's end on to the guest, and never closes: the server waits for
/// more, and such a connection, and the VM with it, would stay for ever.
struct Silence {
  /// After so long the connection is given up.
  static let limit = Duration.seconds(60)

  /// When it is long enough; nil unless the connection is half closed.
  private(set) var deadline: ContinuousClock.Instant?
  private var moved: UInt64 = 0

  /// Takes note of what a turn has done. An answer that waits for its client is no silence.
  mutating func heed(_ relay: Relay, at now: @autoclosure () -> ContinuousClock.Instant = .now) {
    guard relay.isHalfClosed else {
      deadline = nil
      return
    }
    let moved = relay.inward.count &+ relay.outward.count
    if deadline != nil && moved == self.moved && relay.outward.isEmpty { return }
    self.moved = moved
    deadline = now() + Self.limit
  }

  /// The host has slept, and the guest with it.
  mutating func outlast(_ sleep: Duration) {
    deadline = deadline.map { $0 + sleep }
  }
}

/// How one client's attempts at the guest's port follow each other.
///
/// While a guest boots, its port refuses, or a forwarder in between accepts and then resets or stays
/// silent. Pauses grow from 100 ms to 1 s. The silence that an attempt is allowed grows too, for a loaded
/// guest may need many seconds for its greeting, and an attempt given up is one that sshd counts.
struct Backoff {
  private var pause = Duration.milliseconds(100)
  private var silences: ArraySlice<Duration>

  /// - Parameter warm: Whether the guest has answered before; then silence means load, not boot.
  init(warm: Bool) {
    silences = warm ? [.seconds(30)] : [.seconds(5), .seconds(10), .seconds(20), .seconds(30)]
  }

  /// How long the next attempt may stay without an answer.
  var silence: Duration { silences.first ?? .seconds(30) }

  /// After an attempt has been refused, reset or closed.
  ///
  /// - Returns: The pause before the next.
  mutating func refused() -> Duration {
    defer { pause = min(pause * 2, .seconds(1)) }
    return pause
  }

  /// After an attempt has been silent for too long; the next may follow at once.
  mutating func silent() {
    if silences.count > 1 { silences.removeFirst() }
  }
}

/// How one client's attempts at the guest's port follow each other.
///
/// While a guest boots, its port refuses, or a forwarder in between accepts and then resets or stays
/// silent. Pauses grow from 100 ms to 1 s.
///
/// The forwarder's own connection to a guest that has no network yet is asked for again after ever longer
/// pauses (QEMU's, six seconds and more), so a new one is in sooner. But a loaded guest may need many
/// seconds for its greeting, and an attempt given up is one that sshd counts: so after ten seconds the
/// silence that an attempt is allowed grows.
struct Backoff {
  private var pause = Duration.milliseconds(100)
  private var silences: ArraySlice<Duration>

  /// - Parameter warm: Whether the guest has answered before; then silence means load, not boot.
  init(warm: Bool) {
    let seconds = warm ? [30] : [Int](repeating: 1, count: 10) + [2, 5, 10, 20, 30]
    silences = seconds.map { .seconds($0) }[...]
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

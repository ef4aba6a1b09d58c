#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// A flock(2) on a file: the kernel gives it back however the holder ends.
///
/// The lock belongs to the open file description. A child that inherits the descriptor holds the lock
/// too, until both are gone.
public struct FileLock: Sendable {
  /// The locked, open file.
  public let descriptor: Descriptor

  /// Locks an open file, waiting until the deadline if another holds it.
  ///
  /// There is no event for a lock that becomes free within a time, so a waiter looks ten times a second.
  ///
  /// - Parameters:
  ///   - path: The file's name for messages.
  ///   - shared: Whether others may hold the lock too, as long as they share it.
  ///   - deadline: When to give up.
  ///   - hint: What to do about another holder.
  /// - Throws: 75 if another process holds the lock, 71 if it cannot be had at all.
  public init(
    _ descriptor: Descriptor, path: String, shared: Bool = false,
    until deadline: ContinuousClock.Instant = .now, hint: String? = "stop the VM that uses it"
  ) throws(Failure) {
    self.descriptor = descriptor
    while flock(descriptor.raw, (shared ? LOCK_SH : LOCK_EX) | LOCK_NB) != 0 {
      if errno == EINTR { continue }
      guard errno == EWOULDBLOCK else { throw .system("cannot lock '\(path)'") }
      if deadline <= .now {
        let holder = Self.holder(of: descriptor)
        throw Failure(.later, "'\(path)' is in use by \(holder)", hint: hint)
      }
      _ = try poll([], until: min(deadline, .now + .milliseconds(100)))
    }
  }
}

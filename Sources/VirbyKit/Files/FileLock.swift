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
  /// - Parameters:
  ///   - path: The file's name for messages.
  ///   - shared: Whether others may hold the lock too, as long as they share it.
  ///   - deadline: When to give up.
  ///   - hint: What to do about another holder.
  /// - Throws: 75 if another process holds the lock, 71 if the file cannot be locked at all.
  public init(
    _ descriptor: Descriptor, path: String, shared: Bool = false,
    until deadline: ContinuousClock.Instant = .now, hint: String? = nil
  ) throws(Failure) {
    let held = Failure(.later, "'\(path)' is in use by another process", hint: hint)
    try self.init(descriptor, path: path, shared: shared, until: deadline) { _ in held }
  }

  /// Opens and locks the file that bears a name.
  ///
  /// Between open(2) and flock(2) the name may pass to another file, and the lock on the old one would
  /// guard nothing; then it starts again with the new one.
  ///
  /// - Parameters:
  ///   - flags: For open(2), `O_RDWR` and the like.
  ///   - mode: The permissions of a file that `O_CREAT` makes, before the umask.
  ///   - deadline: When to give up.
  ///   - action: What cannot be done if the file cannot be opened, and `hint` what to do about it.
  ///   - held: Why it cannot be had, given the file that another process has locked.
  /// - Throws: `held`, or 71 if the file cannot be opened or locked.
  static func open(
    _ path: String, _ flags: Int32, mode: mode_t = 0,
    until deadline: ContinuousClock.Instant = .now, orFail action: String, hint: String? = nil,
    ifHeld held: (Descriptor) -> Failure
  ) throws(Failure) -> FileLock {
    while true {
      let file = try Descriptor.open(path, flags, mode: mode, orFail: action, hint: hint)
      let lock = try FileLock(file, path: path, shared: false, until: deadline, ifHeld: held)
      if file.identity == Path.identity(path) { return lock }
    }
  }

  /// There is no event for a lock that becomes free within a time, so a waiter looks ten times a second.
  private init(
    _ descriptor: Descriptor, path: String, shared: Bool, until deadline: ContinuousClock.Instant,
    ifHeld held: (Descriptor) -> Failure
  ) throws(Failure) {
    self.descriptor = descriptor
    while flock(descriptor.raw, (shared ? LOCK_SH : LOCK_EX) | LOCK_NB) != 0 {
      if errno == EINTR { continue }
      guard errno == EWOULDBLOCK else { throw .system("cannot lock '\(path)'") }
      if deadline <= .now { throw held(descriptor) }
      _ = try poll([], until: min(deadline, .now + .milliseconds(100)))
    }
  }
}

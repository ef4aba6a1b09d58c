import CVirby

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// A child process, started with posix_spawn(3).
///
/// Its stdin is /dev/null and its stdout is our stderr unless the caller says otherwise, so that it can
/// neither take nor hold open a pipe of the pipeline. All our descriptors are close-on-exec; it gets the ones handed over on purpose.
public struct Child: Sendable {
  /// How a process has ended.
  public enum End: Equatable, Sendable {
    /// It called exit(3) with that status.
    case exited(Int32)
    /// A signal ended it.
    case signalled(Int32)
  }

  /// The process id; valid until the end has been collected.
  public let pid: pid_t

  /// Starts a program, found along PATH.
  ///
  /// - Parameters:
  ///   - arguments: The argument vector, the program first.
  ///   - input: What the child reads on stdin; by default /dev/null.
  ///   - output: Where its stdout goes; by default where its stderr goes.
  ///   - errors: Where its stderr goes; by default our stderr.
  ///   - inheriting: Descriptors that the child gets, under the numbers on the left.
  ///   - group: The process group to join; 0 makes a new one, nil stays in ours.
  /// - Throws: 69 if the program cannot be found or started.
  public static func spawn(
    _ arguments: [String], input: Descriptor? = nil, output: Descriptor? = nil,
    errors: Descriptor? = nil, inheriting: [Int32: Descriptor] = [:], group: pid_t? = nil
  ) throws(Failure) -> Child {
    #if canImport(Darwin)
      var actions: posix_spawn_file_actions_t?
      var attributes: posix_spawnattr_t?
    #else
      var actions = posix_spawn_file_actions_t()
      var attributes = posix_spawnattr_t()
    #endif
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }

    if let input {
      posix_spawn_file_actions_adddup2(&actions, input.raw, STDIN_FILENO)
    } else {
      posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    }
    if let errors { posix_spawn_file_actions_adddup2(&actions, errors.raw, STDERR_FILENO) }
    posix_spawn_file_actions_adddup2(&actions, output?.raw ?? STDERR_FILENO, STDOUT_FILENO)
    // Copies out of the way first: a number that the child gets may be that of another descriptor here,
    // and dup2(2) to the same number would leave it close-on-exec.
    let above = max(STDERR_FILENO, inheriting.keys.max() ?? 0) + 1
    var copies: [Descriptor] = []
    for (number, descriptor) in inheriting {
      let copy = fcntl(descriptor.raw, F_DUPFD_CLOEXEC, above)
      if copy < 0 { throw .system("cannot pass on a descriptor") }
      copies.append(Descriptor(owning: copy))
      posix_spawn_file_actions_adddup2(&actions, copy, number)
    }
    defer { withExtendedLifetime(copies) {} }

    // SIGPIPE is ignored in an event command, and an ignored signal would stay so in the child.
    var defaults = sigset_t()
    sigfillset(&defaults)
    posix_spawnattr_setsigdefault(&attributes, &defaults)
    var mask = sigset_t()
    sigemptyset(&mask)
    posix_spawnattr_setsigmask(&attributes, &mask)
    var flags = POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK
    if let group {
      posix_spawnattr_setpgroup(&attributes, group)
      flags |= POSIX_SPAWN_SETPGROUP
    }
    posix_spawnattr_setflags(&attributes, Int16(flags))

    var pid: pid_t = 0
    var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    let code = posix_spawnp(&pid, arguments[0], &actions, &attributes, &words, cvirby_environ())
    guard code == 0 else {
      throw Failure(
        .unavailable, "cannot start '\(arguments[0])': \(Failure.reason(code))",
        hint: code == ENOENT && !arguments[0].contains("/")
          ? "install it, or add its folder to PATH" : nil)
    }
    return Child(pid: pid)
  }

  /// Collects the end of the process with waitpid(2), which is not waited for.
  ///
  /// - Returns: nil if the process is still running.
  public func end() -> End? {
    var status: Int32 = 0
    while true {
      let result = waitpid(pid, &status, WNOHANG)
      if result == pid { break }
      if result < 0 && errno == EINTR { continue }
      return nil
    }
    let number = status & 0x7f
    return number == 0 ? .exited((status >> 8) & 0xff) : .signalled(number)
  }

  /// How long a process may take to end by SIGKILL: one that waits for a device takes longer, and one of another
  /// user, as sudo(8) makes, never gets the signal.
  private static let killGrace = Duration.seconds(1)

  /// Collects the end of the process, which is killed if it takes too long. Looked at 100 times a second.
  ///
  /// - Returns: nil if it is still there a second after SIGKILL, or may not be signalled.
  /// - Throws: 71.
  public func end(within limit: Duration) throws(Failure) -> End? {
    if let end = try wait(limit) { return end }
    return send(.kill) == 0 ? try wait(Self.killGrace) : end()
  }

  private func wait(_ limit: Duration) throws(Failure) -> End? {
    let deadline = ContinuousClock.now + limit
    while true {
      if let end = end() { return end }
      if deadline <= .now { return nil }
      _ = try poll([], until: min(deadline, .now + .milliseconds(10)))
    }
  }

  /// Sends a signal with kill(2). Call it only before the end has been collected.
  ///
  /// - Returns: 0, or the `errno` of the call: EPERM for a process of another user.
  @discardableResult
  public func send(_ signal: Signal) -> Int32 {
    kill(pid, signal.rawValue) == 0 ? 0 : errno
  }
}

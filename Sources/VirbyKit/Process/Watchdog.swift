/// Ends a process group if this process dies, however it dies, on systems where a child outlives its parent.
///
/// It is a shell that leads the group and reads from a pipe that only this process holds. At the end of that
/// pipe it runs its script. Signals go to the group, never to a process id, which could be another's by then.
public struct Watchdog: Sendable {
  private let shell: Child
  private let lifeline: Descriptor

  /// Starts the shell, which ignores the signals that ask for a stop.
  ///
  /// - Parameters:
  ///   - script: What to do for /bin/sh once this process is gone; `kill -TERM 0` reaches the group.
  ///   - arguments: `$0` and what follows it.
  ///   - inheriting: Descriptors that the shell gets, under the numbers on the left.
  /// - Throws: 69 if the shell cannot be started, 71.
  public init(
    _ script: String, _ arguments: [String], inheriting: [Int32: Descriptor] = [:]
  ) throws(Failure) {
    let pipe = try Descriptor.pipe()
    lifeline = pipe.write
    shell = try Child.spawn(
      ["/bin/sh", "-c", "trap '' TERM HUP INT PIPE\nread -r _\n\(script)"] + arguments,
      input: pipe.read, inheriting: inheriting, group: 0)
  }

  /// The process group to join.
  public var group: Int32 { shell.pid }

  /// Sends a signal to the group, so that it reaches what a shell has started too. Of those that can be ignored the
  /// watchdog's own shell ignores SIGTERM. Call it only before `dismiss`.
  public func send(_ signal: Signal) { signal.send(toGroup: group) }

  /// Ends the shell, and leaves alone whoever else is in the group.
  public func dismiss() {
    // It is ours and can be killed; were it not, its end would not be worth a wait.
    _ = try? shell.end(within: .zero)
  }
}

import VirbyKit

/// Ends a command, with all that it has started, if virby-idle is killed.
///
/// It is a shell that leads the process group which the command joins, and reads from a pipe that only
/// virby-idle holds. When that ends, the shell sends SIGTERM to its own group, and SIGKILL after ten seconds.
struct Leash {
  private let shell: Child
  private let lifeline: Descriptor

  private static let script = "trap '' TERM; read -r _; kill -TERM 0; sleep 10; kill -KILL 0"

  /// Starts the shell.
  ///
  /// - Throws: 69, 71.
  init() throws(Failure) {
    let pipe = try Descriptor.pipe()
    lifeline = pipe.write
    shell = try Child.spawn(
      ["/bin/sh", "-c", Self.script, "virby-idle-leash"], input: pipe.read, group: 0)
  }

  /// The group for the command to join.
  var group: Int32 { shell.pid }

  /// Sends a signal to the command and what it has started; to SIGTERM the shell itself is deaf.
  func send(_ number: Int32) { shell.sendToGroup(number) }

  /// Ends the shell; for when the command has ended.
  func dismiss() {
    shell.send(SIGKILL)
    _ = shell.end(blocking: true)
  }
}

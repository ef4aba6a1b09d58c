import VirbyKit

/// Ends the driver if virby-boot is killed, on systems where a child outlives its parent.
///
/// It is a shell that leads the process group which the driver joins, and reads from a pipe that only
/// virby-boot holds. When that ends, however virby-boot died, the shell sends SIGTERM to its own group, and
/// SIGKILL after ten seconds: no signal ever goes to a process id, which could be another's by then.
struct OrphanGuard {
  private let shell: Child
  private let lifeline: Descriptor

  /// The group for the driver to join.
  var group: Int32 { shell.pid }

  private static let script = """
    trap '' TERM HUP INT
    read -r driver
    read -r _
    rm -f "$1"/*.sock
    rmdir "$1" 2>/dev/null
    kill -TERM 0
    tries=100
    while kill -0 "$driver" 2>/dev/null && [ "$tries" -gt 0 ]; do
      sleep 0.1
      tries=$((tries - 1))
    done
    kill -KILL 0
    """

  /// Starts the shell.
  ///
  /// - Parameter folder: The control folder, cleared away with the driver.
  /// - Throws: 69, 71.
  init(clearing folder: ControlFolder) throws(Failure) {
    let pipe = try Descriptor.pipe()
    lifeline = pipe.write
    shell = try Child.spawn(
      ["/bin/sh", "-c", Self.script, "virby-boot-guard", folder.path], input: pipe.read, group: 0)
  }

  /// Tells the shell whom to wait for.
  func watch(_ driver: Child) {
    writeAll(Array("\(driver.pid)\n".utf8), to: lifeline.raw)
  }

  /// Ends the shell; for when the driver has ended.
  func dismiss() {
    shell.send(SIGKILL)
    _ = shell.end(blocking: true)
  }
}

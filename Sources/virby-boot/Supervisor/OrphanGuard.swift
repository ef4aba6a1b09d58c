import VirbyKit

/// Ends the driver if virby-boot is killed, on systems where a child outlives its parent.
///
/// It is a shell that leads the process group which the driver joins, and reads from a pipe that only
/// virby-boot holds. When that ends, however virby-boot died, it calls virby-boot once more, with the same
/// words and `--guard`, to end the machine in good order; should that fail or be killed too, signals are
/// left. They go to the shell's own group, never to a process id, which could be another's by then.
struct OrphanGuard {
  private let shell: Child
  private let lifeline: Descriptor
  /// What the driver inherits, under the numbers on the left: the disk's lock, and the leash, whose end is
  /// its own. 4 is for what a companion lends.
  let lending: [Int32: Descriptor]

  /// The group for the driver to join.
  var group: Int32 { shell.pid }

  /// Under this number `--guard` has the other end of the leash.
  static let leash: Int32 = 4

  /// The lock, under 3, keeps the next start away until all is done. The driver's companions come last.
  private static let script = """
    trap '' TERM HUP INT PIPE
    folder=$1
    shift
    read -r _
    "$@" || { kill -TERM 0; sleep 10; }
    rm -f "$folder"/*.sock
    rmdir "$folder" 2>/dev/null
    kill -TERM 0
    sleep 0.2
    kill -KILL 0
    """

  /// Starts the shell.
  ///
  /// - Parameters:
  ///   - disk: What the machine runs from.
  ///   - folder: The control folder, cleared away with the driver.
  /// - Throws: 69, 71.
  init(of disk: DiskImage, clearing folder: ControlFolder) throws(Failure) {
    let (lifelinesEnd, lifeline) = try Descriptor.pipe()
    let (leashsEnd, leash) = try Descriptor.pipe()
    let lock = disk.lock.descriptor
    self.lifeline = lifeline
    lending = [3: lock, 5: leash]
    shell = try Child.spawn(
      ["/bin/sh", "-c", Self.script, "virby-boot-guard", folder.path]
        + [try Platform.executable(), "--guard"] + CommandLine.arguments.dropFirst(),
      input: lifelinesEnd, inheriting: [3: lock, Self.leash: leashsEnd], group: 0)
  }

  /// Ends the shell; for when the driver has ended.
  func dismiss() {
    shell.send(SIGKILL)
    _ = shell.end(blocking: true)
  }
}

import VirbyKit

/// Ends the driver if virby-boot is killed.
///
/// Its watchdog leads the process group that the driver joins. It calls virby-boot once more, with the same words and
/// `--guard`, to end the machine cleanly; should that fail or be killed too, signals are left.
struct OrphanGuard {
  private let watchdog: Watchdog
  private let lock: Descriptor
  /// Which of the two ends when the driver does; the guard has the other.
  private let leash: Descriptor

  /// The group for the driver to join.
  var group: Int32 { watchdog.group }

  /// The lock keeps the next start away until all is done. The driver's companions come last.
  private static let script = """
    folder=$1
    shift
    "$@" || { kill -TERM 0; sleep 10; }
    rm -f "$folder"/*.sock
    tree=$folder/keys
    \(Path.treeRemoval)
    rmdir "$folder" 2>/dev/null
    kill -TERM 0
    sleep 0.2
    kill -KILL 0
    """

  /// Starts the watchdog.
  ///
  /// - Parameters:
  ///   - disk: What the machine runs from.
  ///   - folder: The control folder, cleared away with the driver.
  /// - Throws: 69, 71.
  init(of disk: DiskImage, clearing folder: ControlFolder) throws(Failure) {
    let (guardsEnd, driversEnd) = try Descriptor.pipe()
    lock = disk.lock.descriptor
    leash = driversEnd
    watchdog = try Watchdog(
      Self.script,
      ["virby-boot-guard", folder.path, try Platform.executable(), "--guard"]
        + CommandLine.arguments.dropFirst(),
      inheriting: Inheritance([(.lock, lock), (.leash, guardsEnd)]).numbers)
  }

  /// What the driver inherits, with what its companions lend it.
  ///
  /// - Throws: 70 if two of them lend the same.
  func inheritance(with companions: [Companion]) throws(Failure) -> Inheritance {
    try Inheritance(
      [(.lock, lock), (.leash, leash)] + companions.compactMap(\.network).map { (.network, $0) })
  }

  /// Ends the watchdog, and what may be left in its group; for when the driver has ended.
  func dismiss() {
    watchdog.send(.kill)
    watchdog.dismiss()
  }
}

import VirbyKit

/// The process that ends the driver if virby-boot is killed, on systems where a child outlives its parent.
///
/// It is virby-boot once more, called with the same words and `--guard`, and leads the process group that the
/// driver joins. Two pipes tell it all it needs: one that only virby-boot holds, another that only the driver
/// holds. No signal ever goes to a process id, which could be another's by then, but to its own group.
struct OrphanGuard {
  private let child: Child
  private let lifeline: Descriptor
  /// What the driver inherits, under the numbers on the left: the disk's lock, and the leash, whose end is its
  /// own. 4 is for what a companion lends.
  let lending: [Int32: Descriptor]

  /// The group for the driver to join.
  var group: Int32 { child.pid }

  /// Under this number the guard has the disk's lock, so that the next start cannot be in its way.
  static let lock: Int32 = 3
  /// Under this number it has its end of the leash.
  static let leash: Int32 = 4

  /// Starts the guard of a machine that runs from that disk.
  ///
  /// - Throws: 69, 71.
  init(of disk: DiskImage) throws(Failure) {
    let (lifelinesEnd, lifeline) = try Descriptor.pipe()
    let (leashsEnd, leash) = try Descriptor.pipe()
    self.lifeline = lifeline
    lending = [3: disk.lock.descriptor, 5: leash]
    child = try Child.spawn(
      [try Platform.executable(), "--guard"] + CommandLine.arguments.dropFirst(),
      input: lifelinesEnd, inheriting: [Self.lock: disk.lock.descriptor, Self.leash: leashsEnd],
      group: 0)
  }

  /// Ends the guard; for when the driver has ended.
  func dismiss() {
    child.send(SIGKILL)
    _ = child.end(blocking: true)
  }
}

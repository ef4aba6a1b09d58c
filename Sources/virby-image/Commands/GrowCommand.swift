import ArgumentParser
import VirbyKit

/// `grow`: a disk gets larger, and its partition table with it.
struct GrowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "grow", abstract: "Make a disk larger and repair its partition table.")

  @OptionGroup var verbosity: VerbosityOptions

  @Option(name: .shortAndLong, help: "The disk's new size, such as 100GiB.")
  var size: ByteSize

  @Flag(help: "Extend the last partition to the end of the disk.")
  var growPartition = false

  @Option(help: "How long to wait for a disk that is in use.")
  var waitLock = Duration.zero

  @Argument(help: "The disk to grow.", completion: .file())
  var disk: String

  func validate() throws { try size.checkWholeSectors() }

  func run() throws {
    let log = verbosity.diagnostics(for: ImageCommand._commandName)
    if try isDone() {
      return log.explain("'\(disk)' has \(size) and a valid partition table already")
    }
    let deadline = ContinuousClock.now + waitLock
    let lock = try DiskLock(of: Path.real(disk), named: disk, until: deadline)
    let file = try lock.openDisk(until: deadline)
    var grown = try Disk(file.descriptor, name: disk)
    try grown.grow(to: size, growingPartition: growPartition, log: log)
    withExtendedLifetime((lock, file)) {}
  }

  /// Whether there is nothing to do, for which the disk need not be free. What looks broken may be a guest's write that
  /// is half done, so that is found out with the lock.
  ///
  /// - Throws: 64 if the disk cannot have that size, 71.
  private func isDone() throws(Failure) -> Bool {
    do throws(Failure) {
      guard let file = try Descriptor.openExisting(disk, waiting: false) else { return false }
      let present = try Disk(file, name: disk)
      return try present.has(
        Growth(of: present, to: size, growingPartition: growPartition))
    } catch  where error.status == .malformed {
      return false
    }
  }
}

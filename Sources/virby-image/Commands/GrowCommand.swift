import ArgumentParser
import VirbyKit

/// `grow`: a disk gets larger, and its partition table with it.
struct GrowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "grow", abstract: "Make a disk larger and mend its partition table.")

  @OptionGroup var verbosity: VerbosityOptions

  @Option(name: .shortAndLong, help: "The size that the disk shall have, such as 100GiB.")
  var size: ByteSize

  @Flag(help: "Extend the last partition to the end of the disk.")
  var growPartition = false

  @Option(help: "How long to wait for a disk that is in use.")
  var waitLock = Duration.zero

  @Argument(help: "The disk to grow.")
  var disk: String

  func validate() throws { try size.checkWholeSectors() }

  func run() throws {
    let log = verbosity.diagnostics(for: ImageCommand._commandName)
    let lock = try FileLock.open(disk, O_RDWR, until: .now + waitLock)
    var grown = try Disk(lock.descriptor, name: disk)
    try grown.grow(to: size, growingPartition: growPartition, log: log)
  }
}

import ArgumentParser
import VirbyKit

/// `trim`: what is zero on a disk takes no room on its file system.
struct TrimCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "trim", abstract: "Give blocks that are zero back and print how many bytes.")

  @OptionGroup var verbosity: VerbosityOptions

  @Argument(help: "The disk to trim.")
  var disk: String

  func run() throws {
    let log = verbosity.diagnostics(for: ImageCommand._commandName)
    let lock = try FileLock.open(disk, O_RDWR)
    let before = try Disk(lock.descriptor, name: disk)
    let bar = ProgressBar("trimming", total: before.size, log: log)
    defer { bar.erase() }
    try before.punchZeros(showing: bar)
    bar.erase()
    let after = try Disk(lock.descriptor, name: disk)
    log.explain("'\(disk)' took \(before.allocated) bytes and now takes \(after.allocated)")
    try printAnswer("\(max(0, before.allocated - after.allocated))")
  }
}

import ArgumentParser
import VirbyKit

/// `trim`: what is zero on a disk takes no room on its file system.
struct TrimCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "trim", abstract: "Give blocks of zeros back and print how many bytes that freed.")

  @OptionGroup var verbosity: VerbosityOptions

  @Argument(help: "The disk to trim.", completion: .file())
  var disk: String

  func run() throws {
    let log = verbosity.diagnostics(for: ImageCommand._commandName)
    let lock = try DiskLock(of: Path.real(disk), named: disk)
    let file = try lock.openDisk()
    let before = try Disk(file.descriptor, name: disk)
    let bar = ProgressBar("trimming", total: before.size, log: log)
    defer { bar.erase() }
    try before.punchZeros(showing: bar)
    bar.erase()
    let after = try Disk(file.descriptor, name: disk)
    withExtendedLifetime((lock, file)) {}
    log.explain("'\(disk)' took \(before.allocated) bytes and now takes \(after.allocated)")
    try printAnswer("\(max(0, before.allocated - after.allocated))")
  }
}

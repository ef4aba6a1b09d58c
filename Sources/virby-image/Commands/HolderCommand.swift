import ArgumentParser
import VirbyKit

/// `holder`: who has a disk in use.
struct HolderCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "holder", abstract: "Print the ID of the process that is using a disk.")

  @OptionGroup var verbosity: VerbosityOptions

  @Argument(help: "The disk.", completion: .file())
  var disk: String

  func run() throws {
    switch try DiskLock.holder(of: Path.real(disk)) {
    case nil: throw ExitStatus.no
    case .process(let pid): try printAnswer("\(pid)")
    case .unknown: try printAnswer("-")
    }
  }
}

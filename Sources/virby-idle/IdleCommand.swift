import ArgumentParser
import VirbyKit

@main
struct IdleCommand: VirbyCommand {
  static let configuration = CommandConfiguration(
    commandName: "virby-idle", abstract: "TODO", version: version)

  @OptionGroup var verbosity: VerbosityOptions

  func run() throws {
    throw Failure(.bug, "not written yet")
  }
}

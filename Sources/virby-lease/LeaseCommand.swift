import ArgumentParser
import VirbyKit

@main
struct LeaseCommand: VirbyCommand {
  static let configuration = CommandConfiguration(
    commandName: "virby-lease", abstract: "TODO", version: version)

  @OptionGroup var verbosity: VerbosityOptions

  func run() throws {
    throw Failure(.bug, "not written yet")
  }
}

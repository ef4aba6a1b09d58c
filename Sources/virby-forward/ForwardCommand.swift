import ArgumentParser
import VirbyKit

@main
struct ForwardCommand: VirbyCommand {
  static let configuration = CommandConfiguration(
    commandName: "virby-forward", abstract: "TODO", version: version)

  @OptionGroup var verbosity: VerbosityOptions

  func run() throws {
    throw Failure(.bug, "not written yet")
  }
}

import ArgumentParser
import VirbyKit

@main
struct ImageCommand: VirbyCommand {
  static let configuration = CommandConfiguration(
    commandName: "virby-image", abstract: "TODO", version: version)

  @OptionGroup var verbosity: VerbosityOptions

  func run() throws {
    throw Failure(.bug, "not written yet")
  }
}

import ArgumentParser
import VirbyKit

@main
struct KeysCommand: VirbyCommand {
  static let configuration = CommandConfiguration(
    commandName: "virby-keys", abstract: "TODO", version: version)

  @OptionGroup var verbosity: VerbosityOptions

  func run() throws {
    throw Failure(.bug, "not written yet")
  }
}

import ArgumentParser
import VirbyKit

@main
struct BootCommand: VirbyCommand {
  static let configuration = CommandConfiguration(
    commandName: "virby-boot", abstract: "TODO", version: version)

  @OptionGroup var verbosity: VerbosityOptions

  func run() throws {
    throw Failure(.bug, "not written yet")
  }
}

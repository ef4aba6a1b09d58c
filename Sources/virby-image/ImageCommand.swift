import ArgumentParser
import VirbyKit

@main
struct ImageCommand: VirbyCommand {
  static let configuration = CommandConfiguration(
    commandName: "virby-image",
    abstract: "Make, grow, trim and inspect a builder's disk.",
    version: versionText,
    subcommands: [
      CreateCommand.self, GrowCommand.self, TrimCommand.self, InspectCommand.self,
      HolderCommand.self,
    ])

  func run() throws {
    throw ValidationError("missing subcommand")
  }
}

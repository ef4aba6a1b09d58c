import ArgumentParser
import VirbyKit

@main
struct ImageCommand: VirbyCommand {
  static let configuration = CommandConfiguration(
    commandName: "virby-image",
    abstract: "Make, grow, trim and inspect a builder's disk.",
    version: version,
    subcommands: [
      CreateCommand.self, GrowCommand.self, TrimCommand.self, InspectCommand.self,
    ])

  func run() throws {
    throw ValidationError("missing subcommand")
  }
}

import ArgumentParser
import VirbyKit

/// virby-keys(1): one subcommand a file, and what they share beside them.
@main
struct KeysCommand: VirbyCommand {
  static let configuration = CommandConfiguration(
    commandName: "virby-keys",
    abstract: "Make and read the SSH keys of a builder.",
    version: versionText,
    subcommands: [
      EnsureCommand.self, RotateCommand.self, CheckCommand.self, PublicCommand.self,
      FingerprintCommand.self, KnownHostsCommand.self, MachinesKeyCommand.self,
    ])

  func run() throws {
    throw ValidationError("no subcommand given")
  }
}

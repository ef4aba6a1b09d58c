import ArgumentParser
import VirbyKit

/// virby-keys(1): one subcommand a file, and what they share beside them.
@main
struct KeysCommand: VirbyCommand {
  static let configuration = CommandConfiguration(
    commandName: "virby-keys",
    abstract: "Make and read the SSH keys of a builder.",
    version: version,
    subcommands: [
      EnsureCommand.self, RotateCommand.self, CheckCommand.self, PublicCommand.self,
      FingerprintCommand.self, KnownHostsCommand.self, MachinesKeyCommand.self,
    ])

  func run() throws {
    throw ValidationError("no subcommand given")
  }
}

extension VerbosityOptions {
  /// The voice of virby-keys, whichever subcommand speaks.
  var diagnostics: Diagnostics { diagnostics(for: KeysCommand._commandName) }
}

import ArgumentParser
import VirbyKit

/// What all subcommands that look at a whole key set share: the operand DIR, the name under which its host
/// key is known, and how much is said.
struct KeySetOperand: ParsableArguments {
  @Option(name: .shortAndLong, help: "The guest's name in the known_hosts lines.")
  var alias = HostAlias.standard

  @OptionGroup var verbosity: VerbosityOptions

  @Argument(help: "The folder of the key set.", completion: .directory)
  var dir: String

  var log: Diagnostics { verbosity.diagnostics(for: KeysCommand._commandName) }
}

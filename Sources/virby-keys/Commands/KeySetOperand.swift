import ArgumentParser

/// The operand DIR, and the name under which its host key is known: what all subcommands that look at
/// a whole key set share.
struct KeySetOperand: ParsableArguments {
  @Option(name: .shortAndLong, help: "The guest's name in the known_hosts lines.")
  var alias = HostAlias.standard

  @Argument(help: "The folder of the key set.")
  var dir: String
}

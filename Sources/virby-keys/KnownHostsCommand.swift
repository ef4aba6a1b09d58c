import ArgumentParser
import VirbyKit

/// Prints the known_hosts line that gives a name a key.
struct KnownHostsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "known-hosts", abstract: "Print the known_hosts line of a key.")

  @Option(name: .shortAndLong, help: "The host's name in the line.")
  var alias: HostAlias

  @OptionGroup var verbosity: VerbosityOptions
  @OptionGroup var key: KeyOperand

  func run() throws {
    try printAnswer(alias.knownHostsLine(try key.read(verbosity.diagnostics)))
  }
}

import ArgumentParser
import VirbyKit

/// Makes a builder's key set, completes it, or leaves it alone.
struct EnsureCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ensure",
    abstract: "Make the key set if it is not there; print its known_hosts lines.")

  @Option(name: .shortAndLong, help: "The guest's name in the known_hosts lines.")
  var alias = HostAlias.standard

  @OptionGroup var verbosity: VerbosityOptions

  @Argument(help: "The folder of the key set.")
  var dir: String

  func run() throws {
    let log = verbosity.diagnostics
    let folder = try KeyFolder(dir, making: true)
    let set = try KeySet(in: folder, alias: alias)
    try folder.publish(set.repairs, explaining: log)
    if set.repairs.isEmpty { log.explain("'\(folder.path)' holds a complete key set") }
    try folder.warnOfStrays(log)
    try printAnswer(set.knownHosts)
  }
}

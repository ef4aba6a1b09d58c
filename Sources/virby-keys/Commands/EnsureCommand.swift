import ArgumentParser
import VirbyKit

/// Makes a builder's key set, completes it, or leaves it alone.
struct EnsureCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ensure",
    abstract: "Make the key set if it is not there; print its known_hosts lines.")

  @OptionGroup var keys: KeySetOperand

  func run() throws {
    let log = keys.log
    let folder = try KeyFolder(keys.dir, making: true)
    let set = try KeySet(in: folder, alias: keys.alias)
    try folder.publish(set.repairs, explaining: log)
    if set.repairs.isEmpty { log.explain("'\(folder.path)' holds a complete key set") }
    try folder.warnOfStrays(log)
    try printAnswer(set.knownHosts)
  }
}

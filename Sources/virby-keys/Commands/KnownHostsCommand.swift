import ArgumentParser
import VirbyKit

/// Prints the known_hosts line that gives a name a key.
struct KnownHostsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "known-hosts", abstract: "Print the known_hosts line of a key.")

  @Option(name: .shortAndLong, help: "The host's name in the line.")
  var alias: HostAlias

  @Flag(name: .long, help: "Write a hash in the name's place.")
  var hashed = false

  @OptionGroup var key: KeyOperand

  func run() throws {
    let key = try key.read()
    try printAnswer("\(hashed ? try alias.hashed() : alias.name) \(key.typeAndBlob)")
  }
}

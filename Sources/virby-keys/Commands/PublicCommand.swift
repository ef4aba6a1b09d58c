import ArgumentParser
import VirbyKit

/// Prints the public key line of a key.
struct PublicCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "public", abstract: "Print the public key line of a key.")

  @OptionGroup var key: KeyOperand

  func run() throws {
    try printAnswer(try key.read().line)
  }
}

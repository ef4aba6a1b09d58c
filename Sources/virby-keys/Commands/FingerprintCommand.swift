import ArgumentParser
import VirbyKit

/// Prints the SHA-256 fingerprint of a key.
struct FingerprintCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fingerprint", abstract: "Print the SHA256 fingerprint of a key.")

  @OptionGroup var key: KeyOperand

  func run() throws {
    try printAnswer(try key.read().fingerprint())
  }
}

import ArgumentParser
import VirbyKit

/// The operand FILE: where a subcommand reads its one key.
struct KeyOperand: ParsableArguments {
  @Argument(help: "A private key or a public key line; '-' is the standard input.")
  var file = "-"

  /// Reads the key, private or public, and keeps its public half.
  ///
  /// - Throws: 65 if it is no key that we can use, 71 if it cannot be read.
  func read(_ log: Diagnostics) throws(Failure) -> PublicKey {
    let input = try file == "-" ? KeyFile(standardInput: ()) : KeyFile(file)
    let key = try input.publicKey()
    log.explain("\(input.subject) is an ED25519 key with the comment '\(key.comment)'")
    return key
  }
}

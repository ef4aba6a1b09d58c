import ArgumentParser
import VirbyKit

/// What all subcommands that look at one key share: the operand FILE, and how much is said.
struct KeyOperand: ParsableArguments {
  @OptionGroup var verbosity: VerbosityOptions

  @Argument(
    help: "A private key or a public key line; '-' is the standard input.", completion: .file())
  var file = "-"

  /// Reads the key, private or public, and keeps its public half.
  ///
  /// - Throws: 65 if it is not a key that we can use, 71 if it cannot be read.
  func read() throws(Failure) -> PublicKey {
    let input = try file == "-" ? KeyFile(standardInput: ()) : KeyFile(file)
    let key = try input.publicKey()
    let log = verbosity.diagnostics(for: KeysCommand._commandName)
    log.explain("\(input.subject) is an ED25519 key with the comment '\(key.comment)'")
    return key
  }
}

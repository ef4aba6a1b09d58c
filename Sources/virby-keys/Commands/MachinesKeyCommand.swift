import ArgumentParser
import VirbyKit

/// Prints the eighth field of a line in /etc/nix/machines.
///
/// It is base64 of the whole public key line, line feed included, not of the key alone: Nix decodes it
/// and writes it behind the host's name into a known_hosts file (libstore/ssh.cc).
struct MachinesKeyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "machines-key", abstract: "Print a public key as /etc/nix/machines wants it.")

  @OptionGroup var key: KeyOperand

  func run() throws {
    let line = try key.read().line + "\n"
    try printAnswer(String(decoding: Base64.encode(SecureBytes(line.utf8)), as: UTF8.self))
  }
}

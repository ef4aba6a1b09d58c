import VirbyKit

/// An ED25519 private key and its public half.
struct PrivateKey {
  /// The 32 bytes that all else follows from.
  let seed: SecureBytes
  /// The public half, with the key's comment.
  let publicKey: PublicKey

  /// Takes a seed.
  ///
  /// - Throws: 69 if libcrypto fails.
  init(seed: SecureBytes, comment: String) throws(Failure) {
    guard let point = Ed25519.publicKey(of: seed) else {
      throw Failure(.unavailable, "libcrypto cannot calculate an ED25519 public key")
    }
    self.seed = seed
    publicKey = PublicKey(point: point, comment: comment)
  }

  /// Makes a new key.
  ///
  /// - Throws: 71 if there is no randomness, 69 if libcrypto fails.
  static func make(comment: String) throws(Failure) -> PrivateKey {
    try PrivateKey(seed: try .random(Ed25519.keyLength), comment: comment)
  }

  /// The file that ssh-keygen(1) would write, with a new check word.
  ///
  /// - Throws: 71 if there is no randomness.
  func text() throws(Failure) -> SecureBytes {
    let check = try SecureBytes.random(4).reduce(0) { $0 << 8 | UInt32($1) }
    return text(check: check)
  }
}

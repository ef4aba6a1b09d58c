import COpenSSL

/// The two calculations that we need, done by libcrypto's EVP functions.
enum Ed25519 {
  /// The length of a seed, which is the private key proper, and of a public key.
  static let keyLength = 32

  /// The public key of a seed: EVP_PKEY_get_raw_public_key(3).
  ///
  /// - Returns: nil if libcrypto fails, or the seed has another length.
  static func publicKey(of seed: SecureBytes) -> [UInt8]? {
    Libcrypto.prepare()
    let key = seed.withBytes {
      EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nil, $0.baseAddress, $0.count)
    }
    guard let key else { return nil }
    defer { EVP_PKEY_free(key) }
    var bytes = [UInt8](repeating: 0, count: keyLength)
    var count = bytes.count
    guard EVP_PKEY_get_raw_public_key(key, &bytes, &count) == 1, count == keyLength else {
      return nil
    }
    return bytes
  }

  /// SHA-256, by EVP_Digest(3).
  ///
  /// - Returns: nil if libcrypto fails.
  static func sha256(_ bytes: [UInt8]) -> [UInt8]? {
    Libcrypto.prepare()
    var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    var count: UInt32 = 0
    guard EVP_Digest(bytes, bytes.count, &digest, &count, EVP_sha256(), nil) == 1 else {
      return nil
    }
    return Array(digest.prefix(Int(count)))
  }
}

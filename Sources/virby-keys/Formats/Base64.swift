import COpenSSL

/// Base64 with padding and without line breaks, by libcrypto's EVP_EncodeBlock(3).
enum Base64 {
  /// Encodes bytes.
  static func encode(_ bytes: SecureBytes) -> SecureBytes {
    // EVP_EncodeBlock ends its text with a NUL.
    SecureBytes(capacity: (bytes.count + 2) / 3 * 4 + 1) { text in
      Int(bytes.withBytes { EVP_EncodeBlock(text.baseAddress, $0.baseAddress, Int32($0.count)) })
    }
  }

  /// Decodes text.
  ///
  /// - Returns: nil for anything but what `encode` makes: EVP_DecodeBlock(3) overlooks spaces, and bits
  ///   in the last character that mean nothing.
  static func decode(_ text: SecureBytes) -> SecureBytes? {
    guard text.count % 4 == 0 else { return nil }
    let padding = text.suffix(2).count { $0 == UInt8(ascii: "=") }
    let bytes = SecureBytes(capacity: text.count / 4 * 3) { bytes in
      let count = text.withBytes {
        EVP_DecodeBlock(bytes.baseAddress, $0.baseAddress, Int32($0.count))
      }
      return max(0, Int(count) - padding)
    }
    return encode(bytes).elementsEqual(text) ? bytes : nil
  }
}

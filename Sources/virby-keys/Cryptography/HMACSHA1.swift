import COpenSSL

/// The message authentication code of hashed known_hosts lines, by HMAC(3).
enum HMACSHA1 {
  /// The length of a code in bytes, and of the salt that OpenSSH takes as its key.
  static let length = 20

  /// The code of a message.
  ///
  /// - Returns: nil if libcrypto fails.
  static func code(of message: [UInt8], key: SecureBytes) -> [UInt8]? {
    Libcrypto.prepare()
    var code = [UInt8](repeating: 0, count: length)
    var count: UInt32 = 0
    let result = key.withBytes {
      HMAC(
        EVP_sha1(), $0.baseAddress, Int32($0.count), message, message.count, &code, &count)
    }
    return result != nil && Int(count) == length ? code : nil
  }
}

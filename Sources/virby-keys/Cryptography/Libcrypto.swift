import COpenSSL

/// OpenSSL's library of calculations.
enum Libcrypto {
  /// Keeps it from reading its configuration, which is the environment's and not ours; to be called
  /// before any other of its functions.
  static func prepare() {
    OPENSSL_init_crypto(UInt64(OPENSSL_INIT_NO_LOAD_CONFIG), nil)
  }
}

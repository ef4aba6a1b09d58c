import VirbyKit

extension SecureBytes {
  /// Random bytes.
  ///
  /// - Throws: 71 if there is no randomness.
  static func random(_ count: Int) throws(Failure) -> SecureBytes {
    try SecureBytes(capacity: count) { (buffer) throws(Failure) in
      try fillWithEntropy(UnsafeMutableRawBufferPointer(start: buffer.baseAddress, count: count))
      return count
    }
  }
}

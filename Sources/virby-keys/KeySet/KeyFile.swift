import VirbyKit

/// The content of a file that should hold one key, and how messages speak of it.
struct KeyFile {
  /// More than any key, and little enough to read whole.
  private static let limit = 65536

  /// `the key 'path'` or `the key on stdin`.
  let subject: String
  /// The content.
  let text: SecureBytes
  /// Whether it is ours and others may read it.
  let isExposed: Bool

  /// Reads a file.
  ///
  /// - Throws: 71 if it cannot be read, 65 if it is larger than any key.
  init(_ path: String) throws(Failure) {
    try self.init(try Descriptor.open(path), subject: "the key '\(path)'")
  }

  /// Reads stdin to its end.
  ///
  /// - Throws: 71 if it cannot be read, 65 if it is larger than any key.
  init(standardInput: ()) throws(Failure) {
    try self.init(Descriptor(owning: 0), subject: "the key on stdin")
  }

  /// Reads an open file to its end.
  ///
  /// - Throws: 71 if it cannot be read, 65 if it is larger than any key.
  init(_ descriptor: Descriptor, subject: String) throws(Failure) {
    self.subject = subject
    let owner = try Ownership(of: descriptor, orFail: "cannot read \(subject)")
    // ssh(1) does not look at the mode of a file that belongs to someone else (authfile.c).
    isExposed = owner.isFile && owner.isOurs && owner.permissions & 0o77 != 0
    text = try SecureBytes(capacity: Self.limit + 1) { (buffer) throws(Failure) in
      var filled = 0
      while filled < buffer.count {
        let rest = UnsafeMutableBufferPointer(rebasing: buffer[filled...])
        switch descriptor.receive(into: UnsafeMutableRawBufferPointer(rest)) {
        case .moved(let count): filled += count
        case .end: return filled
        case .blocked: _ = try poll([.read(descriptor.raw)], until: nil)
        case .failed(let code): throw .system("cannot read \(subject)", code)
        }
      }
      return filled
    }
    if text.count > Self.limit { throw failure(MalformedKey("it is too long")) }
  }

  /// The private key in the file.
  ///
  /// - Throws: 65 if there is none that we can use, or others may read it.
  func privateKey() throws(Failure) -> PrivateKey {
    do throws(MalformedKey) {
      try guardText()
      guard PrivateKey.isClaimed(by: text) else { throw MalformedKey("it is not a private key") }
      if isExposed {
        throw MalformedKey("others may read it", hint: "run 'chmod 600' on it")
      }
      return try PrivateKey(text: text)
    } catch { throw failure(error) }
  }

  /// The public half of the key in the file, or the public key that it holds.
  ///
  /// - Throws: 65 if there is none that we can use, or others may read a private key.
  func publicKey() throws(Failure) -> PublicKey {
    if PrivateKey.isClaimed(by: text) { return try privateKey().publicKey }
    do throws(MalformedKey) {
      try guardText()
      return try PublicKey(text: text)
    } catch { throw failure(error) }
  }

  /// The public keys in the file, one a line.
  ///
  /// - Throws: 65 if a line is no public key that we can use.
  func publicKeys() throws(Failure) -> [PublicKey] {
    do throws(MalformedKey) {
      try guardText()
      var keys: [PublicKey] = []
      for line in text.split(separator: UInt8(ascii: "\n")) {
        keys.append(try PublicKey(text: SecureBytes(line)))
      }
      return keys
    } catch { throw failure(error) }
  }

  private func guardText() throws(MalformedKey) {
    if text.isEmpty { throw MalformedKey("it is empty") }
    if text.contains(UInt8(ascii: "\r")) {
      throw MalformedKey(
        "it has carriage returns, and ssh would refuse it", hint: "remove them with 'tr -d \"\\r\"'"
      )
    }
  }

  private func failure(_ error: MalformedKey) -> Failure {
    Failure(.malformed, "cannot use \(subject): \(error.reason)", hint: error.hint)
  }
}

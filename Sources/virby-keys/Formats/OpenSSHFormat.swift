/// OpenSSH's own format of private keys, "openssh-key-v1", unencrypted (openssh PROTOCOL.key, sshkey.c).
enum OpenSSHFormat {
  static let begin = "-----BEGIN OPENSSH PRIVATE KEY-----"
  static let end = "-----END OPENSSH PRIVATE KEY-----"
  static let magic = Array("openssh-key-v1\0".utf8)
  /// Characters in a line of base64.
  static let lineLength = 70
  /// The private section is a multiple of this, the block size of the cipher "none".
  static let blockLength = 8
}

extension PrivateKey {
  /// Writes the file.
  ///
  /// - Parameter check: A random number that stands twice before the key; a wrong passphrase would
  ///   make the two differ.
  func text(check: UInt32) -> SecureBytes {
    let section = SecureBytes()
    section.append(uint32: check)
    section.append(uint32: check)
    section.append(string: PublicKey.type.utf8)
    section.append(string: publicKey.point)
    let pair = SecureBytes(seed)
    pair.append(publicKey.point)
    section.append(string: pair)
    section.append(string: publicKey.comment.utf8)
    var padding: UInt8 = 1
    while section.count % OpenSSHFormat.blockLength != 0 {
      section.append([padding])
      padding += 1
    }

    let binary = SecureBytes(OpenSSHFormat.magic)
    binary.append(string: "none".utf8)
    binary.append(string: "none".utf8)
    binary.append(string: [])
    binary.append(uint32: 1)
    binary.append(string: publicKey.blob)
    binary.append(string: section)

    let text = SecureBytes("\(OpenSSHFormat.begin)\n".utf8)
    var base64 = Base64.encode(binary)[...]
    while !base64.isEmpty {
      text.append(base64.prefix(OpenSSHFormat.lineLength))
      text.append("\n".utf8)
      base64 = base64.dropFirst(OpenSSHFormat.lineLength)
    }
    text.append("\(OpenSSHFormat.end)\n".utf8)
    return text
  }

  /// Whether a file claims to hold a private key, of whatever format.
  static func isClaimed(by text: SecureBytes) -> Bool {
    text.split(separator: UInt8(ascii: "\n")).contains { line in
      line.starts(with: "-----BEGIN ".utf8)
        && line.suffix(17).elementsEqual(" PRIVATE KEY-----".utf8)
    }
  }

  /// Reads the file, as strictly as ssh(1) does, and holds its three copies of the public half and the
  /// one that follows from the seed against each other.
  init(text: SecureBytes) throws(MalformedKey) {
    var reader = WireReader(try Self.binary(of: text))
    guard try reader.bytes(OpenSSHFormat.magic.count).elementsEqual(OpenSSHFormat.magic) else {
      throw MalformedKey("it does not say 'openssh-key-v1'")
    }
    let isEncrypted = try !reader.string().elementsEqual("none".utf8)
    if isEncrypted {
      throw MalformedKey(
        "it is encrypted, and a builder has no one to ask",
        hint: "remove the passphrase with 'ssh-keygen -p -f FILE'")
    }
    guard try reader.string().elementsEqual("none".utf8), try reader.string().isEmpty else {
      throw MalformedKey("it has a key derivation but no cipher")
    }
    guard try reader.uint32() == 1 else { throw MalformedKey("it holds more than one key") }
    let outer = try PublicKey(blob: try reader.string(), comment: "")
    let section = try reader.string()
    guard reader.rest.isEmpty else { throw MalformedKey("something follows the key") }
    try self.init(section: section, outer: outer)
  }

  /// The bytes between the first and the last line.
  private static func binary(of text: SecureBytes) throws(MalformedKey) -> SecureBytes {
    let lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    guard let begin = lines.firstIndex(where: { $0.elementsEqual(OpenSSHFormat.begin.utf8) }) else {
      throw MalformedKey(
        "it is not in OpenSSH's own format",
        hint: "'ssh-keygen -p -f FILE' without a passphrase rewrites it")
    }
    guard begin == 0 else {
      throw MalformedKey("something stands before its first line, and ssh would refuse it")
    }
    guard let end = lines.firstIndex(where: { $0.elementsEqual(OpenSSHFormat.end.utf8) }) else {
      throw .cutShort
    }
    guard end < lines.endIndex - 1 else {
      throw MalformedKey("its last line does not end, and ssh would refuse it")
    }
    let base64 = SecureBytes(capacity: text.count)
    for line in lines[1..<end] { base64.append(line) }
    guard let binary = Base64.decode(base64) else { throw MalformedKey("its base64 is damaged") }
    return binary
  }

  private init(section: Slice<SecureBytes>, outer: PublicKey) throws(MalformedKey) {
    guard !section.isEmpty, section.count % OpenSSHFormat.blockLength == 0 else {
      throw MalformedKey("its private half has the wrong length")
    }
    var reader = WireReader(section)
    guard try reader.uint32() == (try reader.uint32()) else {
      throw MalformedKey("its check words differ")
    }
    let type = try reader.string()
    guard type.elementsEqual(PublicKey.type.utf8) else { throw .otherType(type) }
    let inner = try reader.string()
    let pair = try reader.string()
    guard pair.count == 2 * Ed25519.keyLength else {
      throw MalformedKey("its private half has the wrong length")
    }
    let comment = try PublicKey.comment(try reader.string())
    guard reader.rest.elementsEqual((1..<8).prefix(reader.rest.count)) else {
      throw MalformedKey("its padding is wrong")
    }
    seed = SecureBytes(pair.prefix(Ed25519.keyLength))
    guard inner.elementsEqual(outer.point), pair.dropFirst(Ed25519.keyLength).elementsEqual(inner),
      Ed25519.publicKey(of: seed) == outer.point
    else { throw MalformedKey("its public half belongs to another key") }
    publicKey = PublicKey(point: outer.point, comment: comment)
  }
}

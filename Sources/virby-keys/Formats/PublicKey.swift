import VirbyKit

/// An ED25519 public key and its comment, as OpenSSH writes them: `ssh-ed25519 AAAA… comment`.
struct PublicKey: Equatable {
  /// The name of the type, in lines and in blobs.
  static let type = "ssh-ed25519"

  /// The 32 bytes of the point.
  let point: [UInt8]
  /// Text without control characters; may be empty.
  let comment: String

  /// The binary form: the type and the point, each a string of RFC 4251.
  var blob: SecureBytes {
    let blob = SecureBytes()
    blob.append(string: Self.type.utf8)
    blob.append(string: point)
    return blob
  }

  /// The line without its comment, as known_hosts has it.
  var typeAndBlob: String {
    "\(Self.type) \(String(decoding: Base64.encode(blob), as: UTF8.self))"
  }

  /// The line, without the line feed; without a space where the comment is empty, like `ssh-keygen -y`.
  var line: String { comment.isEmpty ? typeAndBlob : "\(typeAndBlob) \(comment)" }

  /// The fingerprint as `ssh-keygen -l` writes it: `SHA256:` and base64 without padding.
  ///
  /// - Throws: 69 if libcrypto fails.
  func fingerprint() throws(Failure) -> String {
    guard let digest = Ed25519.sha256(Array(blob)) else {
      throw Failure(.unavailable, "libcrypto cannot calculate a SHA-256 digest")
    }
    let text = Base64.encode(SecureBytes(digest)).prefix { $0 != UInt8(ascii: "=") }
    return "SHA256:\(String(decoding: text, as: UTF8.self))"
  }

  /// Whether another key is the same, whatever its comment.
  func isSameKey(as other: PublicKey) -> Bool { point == other.point }
}

extension PublicKey {
  /// Reads the binary form.
  init(blob: Slice<SecureBytes>, comment: String) throws(MalformedKey) {
    var reader = WireReader(blob)
    let type = try reader.string()
    guard type.elementsEqual(Self.type.utf8) else { throw .otherType(type) }
    point = Array(try reader.string())
    guard point.count == Ed25519.keyLength, reader.rest.isEmpty else {
      throw MalformedKey("its public half has the wrong length")
    }
    self.comment = comment
  }

  /// Reads a file of one public key line.
  init(text: SecureBytes) throws(MalformedKey) {
    let lines = text.split(separator: UInt8(ascii: "\n"))
    guard let line = lines.first else { throw MalformedKey("it is empty") }
    let words = line.split(separator: UInt8(ascii: " "), maxSplits: 2)
    guard let type = words.first, type.elementsEqual(Self.type.utf8) else {
      throw words.first.flatMap(Self.otherType) ?? MalformedKey("it is not an OpenSSH key")
    }
    guard lines.count == 1 else { throw MalformedKey("it has more than one line") }
    guard words.count > 1 else { throw .cutShort }
    guard let blob = Base64.decode(SecureBytes(words[1])) else {
      throw MalformedKey("its base64 is damaged")
    }
    let comment = try Self.comment(words.count > 2 ? words[2] : words[1].prefix(0))
    try self.init(blob: blob[...], comment: comment)
  }

  private static func otherType(_ word: some Sequence<UInt8>) -> MalformedKey? {
    let name = String(decoding: Array(word), as: UTF8.self)
    let isType = ["ssh-", "ecdsa-sha2-", "sk-"].contains(where: name.hasPrefix)
    return isType ? .otherType(word) : nil
  }

  /// Reads a comment, which goes into lines and onto terminals and so must be plain text.
  static func comment(_ bytes: Slice<SecureBytes>) throws(MalformedKey) -> String {
    let text = String(decoding: Array(bytes), as: UTF8.self)
    let isPlain = text.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7f...0x9f ~= $0.value) }
    guard isPlain, text.utf8.elementsEqual(bytes) else {
      throw MalformedKey(
        "its comment is not plain text", hint: "change it with 'ssh-keygen -c -f FILE'")
    }
    return text
  }
}

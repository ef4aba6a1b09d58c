import Testing

@testable import virby_keys

@Suite struct PublicKeyTests {
  @Test("reads ssh-keygen's line and writes it again")
  func line() throws {
    let key = try PublicKey(text: try fixture("made-by-ssh-keygen.pub"))
    #expect(key.comment == "made by ssh-keygen")
    #expect("\(key.line)\n" == (try text("made-by-ssh-keygen.pub")))
  }

  @Test("an empty comment leaves no space at the end")
  func noComment() throws {
    let key = try PublicKey(text: try fixture("no-comment.pub"))
    #expect(key.comment == "")
    #expect("\(key.line) \n" == (try text("no-comment.pub")))
  }

  @Test("has ssh-keygen's fingerprint")
  func fingerprint() throws {
    let key = try PublicKey(text: try fixture("made-by-ssh-keygen.pub"))
    #expect("\(try key.fingerprint())\n" == (try text("made-by-ssh-keygen.fingerprint")))
  }

  @Test("the blob is 51 bytes and its base64 has no padding")
  func blob() throws {
    let key = PublicKey(point: Array(repeating: 0xff, count: 32), comment: "")
    #expect(key.blob.count == 51)
    #expect(key.line.hasPrefix("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI"))
    #expect(!key.line.contains("="))
  }

  @Test(
    "says what is wrong with a line",
    arguments: [
      ("two-lines.pub", "it has more than one line"),
      ("no-blob.pub", "it is cut short"),
      ("damaged-base64.pub", "its base64 is damaged"),
      ("short-point.pub", "its public half has the wrong length"),
      ("rsa.pub", "it is an RSA key, not ED25519"),
      ("ecdsa.pub", "it is an ECDSA key, not ED25519"),
      ("blob-of-another-type.pub", "it is an RSA key, not ED25519"),
      ("public-in-rfc4716.pub", "it is not an OpenSSH key"),
      ("check-word", "it is not an OpenSSH key"),
    ])
  func malformed(name: String, reason: String) throws {
    let text = try fixture(name)
    let error = #expect(throws: MalformedKey.self) { try PublicKey(text: text) }
    #expect(error?.reason == reason)
  }

  @Test(
    "a comment with control characters or bad UTF-8 is refused",
    arguments: [
      [0x61, 0x1b, 0x5b], [0x7f], [0xc2, 0x9b], [0xff], [0xc3],
    ] as [[UInt8]])
  func comment(bytes: [UInt8]) {
    #expect(throws: MalformedKey.self) { try PublicKey.comment(SecureBytes(bytes)[...]) }
  }

  @Test("a comment may have spaces and any language")
  func plainComment() throws {
    let words = " zwei Wörter 鍵 "
    #expect(try PublicKey.comment(SecureBytes(words.utf8)[...]) == words)
  }
}

import Testing

@testable import virby_keys

@Suite struct OpenSSHFormatTests {
  @Test(
    "reads ssh-keygen's files",
    arguments: [
      ("made-by-ssh-keygen", "made by ssh-keygen"),
      ("comment-that-needs-no-padding", "builder@virby"),
      ("no-comment", ""),
      ("one-long-line", "made by ssh-keygen"),
    ])
  func reading(name: String, comment: String) throws {
    let key = try PrivateKey(text: try fixture(name))
    #expect(key.publicKey.comment == comment)
    #expect(key.seed.count == 32)
  }

  @Test("the public half is the one that ssh-keygen wrote beside it")
  func publicHalf() throws {
    let key = try PrivateKey(text: try fixture("made-by-ssh-keygen"))
    #expect("\(key.publicKey.line)\n" == (try text("made-by-ssh-keygen.pub")))
  }

  @Test("writes ssh-keygen's file byte for byte")
  func writing() throws {
    let original = try fixture("made-by-ssh-keygen")
    let check = try #require(UInt32(try text("check-word").dropLast()))
    #expect(try PrivateKey(text: original).text(check: check).elementsEqual(original))
  }

  @Test("reads what it writes, for every length of padding", arguments: 0...16)
  func roundTrip(length: Int) throws {
    let comment = String(repeating: "c", count: length)
    let key = try PrivateKey.make(comment: comment)
    let again = try PrivateKey(text: try key.text())
    #expect(again.publicKey == key.publicKey)
    #expect(again.seed.elementsEqual(key.seed))
  }

  @Test("two new keys differ, and so do two files of one key")
  func randomness() throws {
    let key = try PrivateKey.make(comment: "")
    #expect(try PrivateKey.make(comment: "").publicKey != key.publicKey)
    #expect(try !key.text().elementsEqual(try key.text()))
  }

  @Test(
    "says what is wrong with a file",
    arguments: [
      ("encrypted", "it is encrypted, and a builder has no one to ask"),
      ("rsa", "it is an RSA key, not ED25519"),
      ("ecdsa", "it is an ECDSA key, not ED25519"),
      ("rsa-in-pem", "it is not in OpenSSH's own format"),
      ("ed25519-in-pkcs8", "it is not in OpenSSH's own format"),
      ("no-last-line", "it is cut short"),
      ("base64-cut-in-the-middle", "it is cut short"),
      ("length-of-four-gigabytes", "it is cut short"),
      ("no-final-line-feed", "its last line does not end, and ssh would refuse it"),
      ("leading-blank-line", "something stands before its first line, and ssh would refuse it"),
      ("damaged-base64", "its base64 is damaged"),
      ("another-format-version", "it does not say 'openssh-key-v1'"),
      ("key-derivation-without-cipher", "it has a key derivation but no cipher"),
      ("two-keys", "it holds more than one key"),
      ("bytes-after-the-key", "something follows the key"),
      ("unequal-check-words", "its check words differ"),
      ("wrong-padding", "its padding is wrong"),
      ("more-padding-than-a-block", "its padding is wrong"),
      ("missing-padding", "its private half has the wrong length"),
      ("public-half-of-another-key", "its public half belongs to another key"),
      ("seed-of-another-key", "its public half belongs to another key"),
      ("comment-with-a-bell", "its comment is not plain text"),
    ])
  func malformed(name: String, reason: String) throws {
    let text = try fixture(name)
    #expect(PrivateKey.isClaimed(by: text))
    let error = #expect(throws: MalformedKey.self) { try PrivateKey(text: text) }
    #expect(error?.reason == reason)
  }

  @Test("a file cut at any byte is refused")
  func truncation() throws {
    let whole = try fixture("made-by-ssh-keygen")
    for length in 0..<whole.count {
      let text = SecureBytes(whole.prefix(length))
      #expect(throws: MalformedKey.self, "\(length) bytes") { try PrivateKey(text: text) }
    }
  }

  @Test("a file with any one byte changed is refused, or is the same key")
  func corruption() throws {
    let whole = Array(try fixture("made-by-ssh-keygen"))
    let key = try PrivateKey(text: SecureBytes(whole))
    for index in whole.indices {
      var changed = whole
      changed[index] ^= 1
      // The check words and the comment protect nothing.
      guard let other = try? PrivateKey(text: SecureBytes(changed)) else { continue }
      #expect(other.publicKey.isSameKey(as: key.publicKey), "byte \(index)")
    }
  }
}

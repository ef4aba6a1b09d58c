import Testing

@testable import virby_keys

@Suite struct Base64Tests {
  @Test(
    "encodes and decodes the examples of RFC 4648, section 10",
    arguments: [
      ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
      ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
    ])
  func examples(plain: String, encoded: String) {
    #expect(Base64.encode(SecureBytes(plain.utf8)).elementsEqual(encoded.utf8))
    #expect(Base64.decode(SecureBytes(encoded.utf8))?.elementsEqual(plain.utf8) == true)
  }

  @Test("all byte values survive")
  func allBytes() {
    let bytes = SecureBytes((0...255).map { UInt8($0) })
    #expect(Base64.decode(Base64.encode(bytes))?.elementsEqual(bytes) == true)
  }

  @Test(
    "refuses what it would not write",
    arguments: [
      "Zg", "Zg=", "Zm9v\n", " Zm9v", "Zm9*", "Zh==", "Zm9=", "=Zm9", "====", "Z===", "Zg==Zg==",
      "Zm 9v===", "Zm9v----",
    ])
  func strictness(text: String) {
    #expect(Base64.decode(SecureBytes(text.utf8)) == nil)
  }
}

import Testing

@testable import virby_keys

@Suite struct Ed25519Tests {
  @Test(
    "derives the public keys of RFC 8032, section 7.1",
    arguments: [
      (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
      ),
      (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
      ),
    ])
  func vectors(seed: String, point: String) {
    #expect(Ed25519.publicKey(of: SecureBytes(bytes(hex: seed))) == bytes(hex: point))
  }

  @Test("refuses a seed of another length", arguments: [0, 31, 33, 64])
  func seedLength(count: Int) {
    #expect(Ed25519.publicKey(of: SecureBytes(Array(repeating: 7, count: count))) == nil)
  }

  @Test("SHA-256 of 'abc' is that of FIPS 180")
  func digest() {
    let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    #expect(Ed25519.sha256(Array("abc".utf8)) == bytes(hex: expected))
  }
}

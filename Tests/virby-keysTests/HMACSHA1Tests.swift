import Testing

@testable import virby_keys

@Suite struct HMACSHA1Tests {
  @Test("the first two examples of RFC 2202, section 3")
  func vectors() {
    let key = SecureBytes(Array(repeating: 0x0b, count: 20))
    #expect(
      HMACSHA1.code(of: Array("Hi There".utf8), key: key)
        == bytes(hex: "b617318655057264e28bc0b6fb378c8ef146be00"))
    #expect(
      HMACSHA1.code(
        of: Array("what do ya want for nothing?".utf8), key: SecureBytes("Jefe".utf8))
        == bytes(hex: "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"))
  }
}

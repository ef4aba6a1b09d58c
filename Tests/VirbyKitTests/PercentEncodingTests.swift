import Testing

@testable import VirbyKit

@Suite struct PercentEncodingTests {
  @Test(arguments: UInt8.min...UInt8.max)
  func everyByteComesBack(byte: UInt8) throws {
    let encoded = PercentEncoding.encode([byte])
    #expect(PercentEncoding.decode(encoded) == [byte])
    let plain = byte > 0x20 && byte != 0x7f && byte != UInt8(ascii: "%")
    #expect(encoded.count == (plain ? 1 : 3))
  }

  @Test func capitalsAreWrittenAndBothAreRead() {
    #expect(PercentEncoding.encode("\u{7f}".utf8) == Array("%7F".utf8))
    #expect(PercentEncoding.decode("%7f%7F".utf8) == [0x7f, 0x7f])
  }

  @Test(arguments: [
    "%", "%2", "a%", "%%20", "%g0", "%0g", "% 1", "%-1", " ", "a b", "\u{7f}", "\0",
  ])
  func whatIsNotWellEncodedIsRefused(text: String) {
    #expect(PercentEncoding.decode(text.utf8) == nil)
  }
}

@Suite struct URLPathTests {
  @Test func keepsWhatAURLKeeps() {
    #expect(PercentEncoding.urlPath("/vm/Disk-1_a.b~c$&+:=@") == "/vm/Disk-1_a.b~c$&+:=@")
  }

  @Test func encodesTheRest() {
    #expect(PercentEncoding.urlPath("/a b?c#d%e,\u{1}é") == "/a%20b%3Fc%23d%25e%2C%01%C3%A9")
  }
}

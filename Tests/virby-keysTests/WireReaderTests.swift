import Testing

@testable import virby_keys

@Suite struct WireReaderTests {
  @Test("reads what SecureBytes writes, to the end")
  func roundTrip() throws {
    let bytes = SecureBytes()
    bytes.append(uint32: 0xffff_fffe)
    bytes.append(string: "key".utf8)
    bytes.append(string: [])
    var reader = WireReader(bytes)
    #expect(try reader.uint32() == 0xffff_fffe)
    #expect(try reader.string().elementsEqual("key".utf8))
    #expect(try reader.string().isEmpty)
    #expect(reader.rest.isEmpty)
  }

  @Test(
    "does not read past the end",
    arguments: [[], [0], [0, 0, 0], [0, 0, 0, 1], [0, 0, 0, 3, 1, 2], [255, 255, 255, 255, 1]])
  func tooShort(bytes: [UInt8]) {
    var reader = WireReader(SecureBytes(bytes))
    #expect(throws: MalformedKey.cutShort) { try reader.string() }
  }
}

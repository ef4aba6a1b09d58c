import Testing

@testable import virby_keys

@Suite struct SecureBytesTests {
  @Test("keeps its bytes when it grows")
  func growth() {
    let bytes = SecureBytes(capacity: 1)
    for byte in 0..<200 { bytes.append([UInt8(byte)]) }
    #expect(bytes.elementsEqual((0..<200).map { UInt8($0) }))
  }

  @Test("a slice shares the bytes and keeps them alive")
  func slices() {
    let slice = SecureBytes("hello".utf8)[1..<3]
    #expect(slice.elementsEqual("el".utf8))
  }

  @Test("writes RFC 4251 numbers and strings")
  func wire() {
    let bytes = SecureBytes()
    bytes.append(uint32: 0x0102_0304)
    bytes.append(string: "ab".utf8)
    #expect(bytes.elementsEqual([1, 2, 3, 4, 0, 0, 0, 2, 97, 98]))
  }
}

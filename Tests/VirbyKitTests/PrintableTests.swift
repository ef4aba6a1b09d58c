import Testing
import VirbyKit

@Suite struct PrintableTests {
  @Test func everyByteComesBackAndNoneIsBeyondPrintableASCII() {
    let bytes = Array(UInt8.min...UInt8.max)
    let text = PercentEncoding.printable(bytes)
    #expect(text.utf8.allSatisfy { (0x21..<0x7f).contains($0) })
    #expect(PercentEncoding.decode(text.utf8) == bytes)
  }
}

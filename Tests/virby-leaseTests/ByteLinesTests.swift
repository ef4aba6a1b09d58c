import Testing
import VirbyKit

@testable import virby_lease

@Suite struct ByteLinesTests {
  private func lines(_ text: String) -> [String] {
    Array(text.utf8).withUnsafeBytes { buffer in
      ByteLines(buffer).map { String(decoding: $0, as: UTF8.self) }
    }
  }

  @Test(arguments: [
    ("", []), ("\n", [""]), ("a", ["a"]), ("a\n", ["a"]), ("a\n\nb", ["a", "", "b"]),
    ("\n\n", ["", ""]),
    ("a\r\nb\u{2028}c\u{85}\u{b}\u{c}\r", ["a\r", "b\u{2028}c\u{85}\u{b}\u{c}\r"]),
  ])
  func aLineEndsAtLFAlone(text: String, expected: [String]) {
    #expect(lines(text) == expected)
  }

  @Test func aLineKeepsTheBuffersIndices() {
    Array("ab\ncd\n".utf8).withUnsafeBytes { buffer in
      #expect(ByteLines(buffer).map { $0.startIndex..<$0.endIndex } == [0..<2, 3..<5])
    }
  }
}

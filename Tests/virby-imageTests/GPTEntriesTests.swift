import Testing

@testable import virby_image

@Suite struct GPTEntriesTests {
  private func entries(_ ranges: [Int: (UInt64, UInt64)], size: Int = 128) -> GPTEntries {
    var bytes = [UInt8](repeating: 0, count: 8 * size)
    for (index, range) in ranges {
      bytes[index * size] = 1
      bytes.set(range.0, at: index * size + 32)
      bytes.set(range.1, at: index * size + 40)
    }
    return GPTEntries(bytes: bytes, entrySize: size)
  }

  @Test func gapsInTheNumbersAreKept() {
    let found = entries([1: (10, 19), 6: (30, 39)], size: 256)
    #expect(found.used.map(\.number) == [2, 7])
    #expect(found.used.map(\.first) == [10, 30])
  }

  @Test func lastIsTheOneNearestTheEnd() {
    #expect(entries([0: (100, 199), 1: (10, 99)]).last?.number == 1)
    #expect(entries([:]).last == nil)
  }

  @Test func endMovesAndNothingElse() throws {
    var changed = entries([0: (10, 19), 3: (30, 39)])
    let before = changed.bytes
    changed.setLast(0x0102_0304, of: try #require(changed.last))
    #expect(changed.used.map(\.last) == [19, 0x0102_0304])
    let different = before.indices.filter { before[$0] != changed.bytes[$0] }
    #expect(different == [3 * 128 + 40, 3 * 128 + 41, 3 * 128 + 42, 3 * 128 + 43])
  }

  @Test func nameEndsAtNullOrAfterThirtySixUnits() {
    var bytes = entries([0: (1, 2), 1: (3, 4), 2: (5, 6)]).bytes
    for (index, unit) in "Wurzel-é".utf16.enumerated() { bytes.set(unit, at: 56 + 2 * index) }
    for index in 0..<36 { bytes.set(UInt16(0x41), at: 128 + 56 + 2 * index) }
    bytes.set(UInt16(0xd800), at: 256 + 56)
    let names = GPTEntries(bytes: bytes, entrySize: 128).used.map(\.name)
    #expect(names == ["Wurzel-é", String(repeating: "A", count: 36), "\u{fffd}"])
  }
}

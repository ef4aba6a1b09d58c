import Testing

@testable import virby_image

@Suite struct GPTHeaderTests {
  private let sector = Array(TestDisk.image()[512..<1024])

  /// The flaw of a header after a change, its checksum made right again.
  private func flaw(_ change: (inout [UInt8]) -> Void) -> GPTFlaw? {
    var changed = sector
    change(&changed)
    changed.set(UInt32(0), at: 16)
    let size = Int(changed.number(at: 12, as: UInt32.self))
    changed.set(CRC32.checksum(changed.prefix(size)), at: 16)
    return flaw(of: changed)
  }

  private func flaw(of sector: [UInt8], at lba: UInt64 = 1) -> GPTFlaw? {
    do { _ = try GPTHeader(sector: sector, at: lba, of: 2048) } catch { return error }
    return nil
  }

  @Test func soundHeaderIsRead() throws {
    let header = try GPTHeader(sector: sector, at: 1, of: 2048)
    #expect(header.alternateLBA == 2047)
    #expect(header.firstUsable == 34)
    #expect(header.lastUsable == 2014)
    #expect(header.entriesLBA == 2)
    #expect(header.entriesLength == 16384)
    #expect(header.entriesSectors == 32)
  }

  @Test func changeKeepsTheChecksumRight() throws {
    var header = try GPTHeader(sector: sector, at: 1, of: 2048)
    header.alternateLBA = 4095
    #expect(try GPTHeader(sector: header.sector, at: 1, of: 4096) == header)
    #expect(header.sector != sector)
  }

  @Test func bytesAfterTheHeaderAreKept() throws {
    var larger = sector
    larger.set(UInt32(128), at: 12)
    larger[100] = 7
    larger[300] = 9
    larger.set(UInt32(0), at: 16)
    larger.set(CRC32.checksum(larger[..<128]), at: 16)
    var header = try GPTHeader(sector: larger, at: 1, of: 2048)
    header.lastUsable = 2000
    #expect(header.sector[100] == 7 && header.sector[300] == 9)
    #expect(flaw(of: header.sector) == nil)
  }

  @Test func everyFlippedBitIsNoticed() {
    for index in 0..<92 {
      var broken = sector
      broken[index] ^= 0x10
      #expect(flaw(of: broken) != nil, "byte \(index)")
    }
  }

  @Test func flawsHaveTheirNames() {
    #expect(flaw(of: [UInt8](repeating: 0, count: 512)) == .missing)
    #expect(flaw(of: []) == .missing)
    #expect(flaw(of: sector, at: 2) == .misplaced)
    #expect(flaw { $0[60] ^= 1 } == nil)
    var broken = sector
    broken[60] ^= 1
    #expect(flaw(of: broken) == .checksum)
  }

  @Test func numbersWithoutSenseAreMalformed() {
    #expect(flaw { $0.set(UInt32(91), at: 12) } == .malformed)
    #expect(flaw { $0.set(UInt32(513), at: 12) } == .malformed)
    #expect(flaw { $0.set(UInt32.max, at: 12) } == .malformed)
    #expect(flaw { $0.set(UInt32(0), at: 80) } == .malformed)
    #expect(flaw { $0.set(UInt32.max, at: 80) } == .malformed)
    #expect(flaw { $0.set(UInt32(0), at: 84) } == .malformed)
    #expect(flaw { $0.set(UInt32(64), at: 84) } == .malformed)
    #expect(flaw { $0.set(UInt32(192), at: 84) } == .malformed)
    #expect(flaw { $0.set(UInt32.max, at: 84) } == .malformed)
    #expect(flaw { $0.set(UInt64(1), at: 72) } == .malformed)
    #expect(flaw { $0.set(UInt64(3), at: 72) } == .malformed)
    #expect(flaw { $0.set(UInt64.max, at: 72) } == .malformed)
    #expect(flaw { $0.set(UInt64(2048), at: 72) } == .malformed)
    #expect(flaw { $0.set(UInt64(1), at: 32) } == .malformed)
    #expect(flaw { $0.set(UInt64(2015), at: 40) } == .malformed)
  }
}

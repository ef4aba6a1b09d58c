import Testing
import VirbyKit

@testable import virby_image

@Suite struct InspectionTests {
  private func inspection(_ change: (inout [UInt8]) -> Void) throws -> Inspection {
    var bytes = TestDisk.image()
    change(&bytes)
    return try Inspection(try TestDisk(bytes).disk)
  }

  @Test func soundDisk() throws {
    let found = try inspection { _ in }
    #expect(found.size == 1 << 20)
    #expect(found.sectorSize == 512)
    #expect(found.primary?.state == "good" && found.primary?.lba == 1)
    #expect(found.backup?.state == "good" && found.backup?.lba == 2047)
    #expect(found.partitions.map(\.number) == [1, 2])
    #expect(found.partitions.map(\.bytes) == [64 * 512, 896 * 512])
  }

  @Test func statesHaveTheirNames() throws {
    #expect(try inspection { $0[572] ^= 1 }.primary?.state == "checksum")
    #expect(try inspection { $0[512] = 0 }.primary?.state == "missing")
    #expect(try inspection { $0[1030] ^= 1 }.primary?.state == "entries-checksum")
    #expect(try inspection { $0[2047 * 512 + 60] ^= 1 }.backup?.state == "checksum")
    #expect(try inspection { $0 += [UInt8](repeating: 0, count: 512) }.backup?.state == "displaced")
    let different = try inspection { bytes in
      bytes[2047 * 512 + 60] ^= 1
      bytes.set(UInt32(0), at: 2047 * 512 + 16)
      bytes.set(CRC32.checksum(bytes[(2047 * 512)..<(2047 * 512 + 92)]), at: 2047 * 512 + 16)
    }
    #expect(different.backup?.state == "different")
  }

  @Test(arguments: [
    (0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (3 << 29, "1.5 GiB"), (2047 << 10, "1.9 MiB"),
    (5 << 38, "1.2 TiB"), (Int64.max, "8388607.9 TiB"),
  ])
  func sizesForPeopleHaveOneDecimal(_ bytes: Int64, _ text: String) {
    #expect(ByteSize(bytes: bytes).rounded == text)
  }

  @Test func diskWithoutTable() throws {
    let found = try Inspection(try TestDisk([UInt8](repeating: 0, count: 4096)).disk)
    #expect(found.primary == nil && found.backup == nil && found.partitions.isEmpty)
    #expect(found.table.hasSuffix("\nGPT        none"))
  }

  @Test func forgedPartitionsDoNotOverflow() throws {
    let found = try inspection { bytes in
      bytes.set(UInt64(0), at: 1024 + 32)
      bytes.set(UInt64.max, at: 1024 + 40)
      bytes.set(UInt64(9), at: 1152 + 32)
      bytes.set(UInt64(3), at: 1152 + 40)
      bytes.set(CRC32.checksum(bytes[1024..<1024 + 16384]), at: 512 + 88)
      bytes.set(UInt32(0), at: 528)
      bytes.set(CRC32.checksum(bytes[512..<604]), at: 528)
    }
    #expect(found.primary?.state == "good")
    #expect(found.partitions.map(\.last) == [UInt64.max, 3])
    #expect(found.partitions[1].bytes == 0)
    #expect(!found.table.isEmpty)
  }

  @Test func terminalDoesNotObeyAName() throws {
    let found = try inspection { bytes in
      let name = "a\u{1b}[2J\u{9b}\u{202e}\nz"
      for (index, unit) in name.utf16.enumerated() { bytes.set(unit, at: 1024 + 56 + 2 * index) }
      bytes.set(CRC32.checksum(bytes[1024..<1024 + 16384]), at: 512 + 88)
      bytes.set(UInt32(0), at: 528)
      bytes.set(CRC32.checksum(bytes[512..<604]), at: 528)
    }
    #expect(found.partitions[0].name == "a\u{1b}[2J\u{9b}\u{202e}\nz")
    #expect(found.table.contains("  a\\u{1b}[2J\\u{9b}\\u{202e}\\u{a}z\n"))
  }
}

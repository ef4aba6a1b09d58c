import Testing
import VirbyKit

@testable import virby_image

@Suite struct GrowTests {
  static let shapes = [
    TestDisk.Shape(), TestDisk.Shape(sectorSize: 4096), TestDisk.Shape(count: 4),
    TestDisk.Shape(count: 8, entrySize: 512), TestDisk.Shape(count: 200),
    TestDisk.Shape(count: 7, entrySize: 256), TestDisk.Shape(sectorSize: 4096, count: 1000),
  ]

  /// What is wrong with a disk of that many sectors; empty if nothing.
  private func complaints(_ test: TestDisk, _ shape: TestDisk.Shape, sectors: UInt64) throws
    -> [String]
  {
    let table = try #require(try PartitionTable(of: try test.disk))
    let primary = try table.primary.get()
    let backup = try table.backup.get()
    let record = ProtectiveMBR(bytes: Array(try test.bytes[..<512]))
    var covering = record
    covering.cover(sectors: sectors)
    let complaints = [
      table.sectorSize == shape.sectorSize ? nil : "sector size",
      table.sectors == sectors ? nil : "size",
      table.backupLBA == sectors - 1 ? nil : "place of the backup",
      primary.agrees(with: backup) ? nil : "copies differ",
      primary.header.lastUsable == sectors - UInt64(shape.entriesSectors) - 2 ? nil : "last usable",
      backup.header.entriesLBA == sectors - 1 - UInt64(shape.entriesSectors) ? nil : "entries",
      covering == record ? nil : "protective MBR",
    ]
    return complaints.compactMap { $0 }
  }

  @Test(arguments: shapes) func backupMovesToTheEnd(_ shape: TestDisk.Shape) throws {
    let test = try TestDisk(shape)
    let before = try test.bytes
    #expect(try complaints(test, shape, sectors: 2048) == [])
    try test.grow(to: 5000 * shape.sectorSize)
    #expect(try complaints(test, shape, sectors: 5000) == [])
    // Entries and partitions are where they were, byte for byte.
    let after = try test.bytes
    let kept = 2 * shape.sectorSize..<before.count
    #expect(after[kept] == before[kept])
  }

  @Test(arguments: shapes) func growingTwiceIsGrowingOnce(_ shape: TestDisk.Shape) throws {
    let test = try TestDisk(shape)
    let before = try test.bytes
    try test.grow(to: before.count)
    #expect(try test.bytes == before)
    try test.grow(to: 2 * before.count, growingPartition: true)
    let once = try test.bytes
    try test.grow(to: 2 * before.count, growingPartition: true)
    #expect(try test.bytes == once)
  }

  @Test func lastUsableOfASizeThatIsKeptIsKept() throws {
    let test = try TestDisk()
    var bytes = try test.bytes
    for start in [512, 2047 * 512] {
      let header = Array(bytes[start..<start + 512])
      var changed = try GPTHeader(sector: header, at: UInt64(start / 512), of: 2048)
      changed.lastUsable = 2000
      bytes.replaceSubrange(start..<start + 512, with: changed.sector)
    }
    try test.write(bytes)
    try test.grow(to: bytes.count)
    #expect(try test.bytes == bytes)
    try test.grow(to: 2 * bytes.count)
    #expect(try complaints(test, TestDisk.Shape(), sectors: 4096) == [])
  }

  @Test func lastPartitionTakesTheRoom() throws {
    let test = try TestDisk()
    try test.grow(to: 4096 * 512, growingPartition: true)
    let table = try #require(try PartitionTable(of: try test.disk))
    let used = try table.primary.get().entries.used
    #expect(used.map(\.first) == [64, 128])
    #expect(used.map(\.last) == [127, 4062])
    #expect(try complaints(test, TestDisk.Shape(), sectors: 4096) == [])
  }

  @Test(arguments: shapes) func brokenCopyIsRepairedFromTheOther(_ shape: TestDisk.Shape) throws {
    let sound = TestDisk.image(shape)
    let size = shape.sectorSize
    let end = sound.count - size
    let entries = end - shape.entriesSectors * size
    for place in [size + 1, size + 60, 2 * size + 5, end + 1, end + 60, entries + 5] {
      var broken = sound
      broken[place] ^= 0xff
      let test = try TestDisk(broken)
      try test.grow(to: sound.count)
      #expect(try test.bytes == sound, "byte \(place)")
      try test.write(broken)
      try test.grow(to: 2 * sound.count)
      #expect(try complaints(test, shape, sectors: 4096) == [], "byte \(place)")
    }
  }

  @Test func brokenPrimaryKnowsItsDisplacedBackup() throws {
    var bytes = TestDisk.image() + [UInt8](repeating: 0, count: 512 * 512)
    bytes[512 + 60] ^= 1
    let test = try TestDisk(bytes)
    try test.grow(to: bytes.count)
    #expect(try complaints(test, TestDisk.Shape(), sectors: 2560) == [])
  }

  @Test func wipedPrimaryIsMadeAnew() throws {
    let sound = TestDisk.image()
    let test = try TestDisk([UInt8](repeating: 0, count: 34 * 512) + sound[(34 * 512)...])
    try test.grow(to: sound.count)
    #expect(try test.bytes == sound)
  }

  @Test(arguments: shapes) func growthCutOffAtAnyWriteIsTakenUpAgain(
    _ shape: TestDisk.Shape
  ) throws {
    let size = shape.sectorSize
    let before = TestDisk.image(shape) + [UInt8](repeating: 0, count: 3000 * size)
    let test = try TestDisk(before)
    try test.grow(to: before.count, growingPartition: true)
    let after = try test.bytes
    let room = shape.entriesSectors * size
    let end = before.count - size
    // In the order of writing.
    let regions = [
      end - room..<end, end..<end + size, 2 * size..<2 * size + room, size..<2 * size, 0..<512,
    ]
    for done in 0...regions.count {
      for torn in [false, true] where done < regions.count || !torn {
        var state = before
        for region in regions[..<done] { state.replaceSubrange(region, with: after[region]) }
        if torn {
          let half = regions[done].lowerBound..<regions[done].lowerBound + 64
          state.replaceSubrange(half, with: after[half])
        }
        try test.write(state)
        try test.grow(to: before.count, growingPartition: true)
        #expect(try test.bytes == after, "\(done) writes, torn: \(torn)")
      }
    }
  }

  /// The new backup lies over the old one, which is the only good copy at first.
  @Test func wipedPrimaryOfADiskThatGrowsByLessThanATable() throws {
    let sound = TestDisk.image()
    let test = try TestDisk([UInt8](repeating: 0, count: 34 * 512) + sound[(34 * 512)...])
    try test.grow(to: sound.count + 16 * 512)
    #expect(try complaints(test, TestDisk.Shape(), sectors: 2064) == [])
  }

  private func expectRefusal(
    of bytes: [UInt8], to size: Int, _ status: VirbyKit.ExitStatus, _ message: String,
    growingPartition: Bool = false
  ) throws {
    let test = try TestDisk(bytes)
    let failure = #expect(throws: Failure.self) {
      try test.grow(to: size, growingPartition: growingPartition)
    }
    #expect(failure?.status == status)
    #expect(failure?.message == message)
    #expect(try test.bytes == bytes)
  }

  @Test func refusalChangesNothing() throws {
    let sound = TestDisk.image()
    try expectRefusal(
      of: sound, to: 512 << 10, .usage, "cannot shrink 'disk.img' from 1MiB to 512KiB")
    var broken = sound
    broken[512 + 60] ^= 1
    broken[2047 * 512] = 0
    try expectRefusal(
      of: broken, to: 2 << 20, .malformed,
      "'disk.img' has no valid partition table: "
        + "the primary GPT has a wrong checksum, the backup is missing")
    try expectRefusal(
      of: Array(sound[..<(1500 * 512)]), to: 2 << 20, .malformed,
      "'disk.img' is cut short: its partition table is that of a larger disk")
    let plain = [UInt8](repeating: 1, count: 4096)
    try expectRefusal(
      of: plain, to: 8192, .malformed, "cannot grow 'disk.img': it has no GPT")
    try expectRefusal(
      of: TestDisk.image(TestDisk.Shape(sectorSize: 4096)), to: 16 << 20 | 512, .usage,
      "cannot grow 'disk.img' to 16777728B: its sectors are 4096 bytes")
  }

  @Test func partitionInTheBackupsPlaceIsRefused() throws {
    var shape = TestDisk.Shape()
    shape.partitions = [(64, 2046)]
    let whole = TestDisk.image(shape)
    try expectRefusal(
      of: whole, to: whole.count, .malformed,
      "partition 1 of 'disk.img' reaches into the backup partition table")
  }

  @Test func diskWithoutPartitionsHasNoneToGrow() throws {
    var shape = TestDisk.Shape()
    shape.partitions = []
    try expectRefusal(
      of: TestDisk.image(shape), to: 2 << 20, .malformed, "'disk.img' has no partition to grow",
      growingPartition: true)
    let test = try TestDisk(shape)
    try test.grow(to: 2 << 20)
    #expect(try complaints(test, shape, sectors: 4096) == [])
  }

  /// Whatever stands in the table: it is refused and nothing changes, or the result is sound.
  @Test func rubbishInTheTableIsRefusedOrRepaired() throws {
    let shape = TestDisk.Shape(count: 4, sectors: 128, partitions: [(8, 63), (64, 100)])
    let sound = TestDisk.image(shape)
    let test = try TestDisk(shape)
    var generator = SplitMix(state: 31222)
    for round in 0..<1500 {
      var bytes = sound
      for _ in 0..<Int.random(in: 1...6, using: &generator) {
        let header = Bool.random(using: &generator) ? 512 : 127 * 512
        let place =
          Bool.random(using: &generator)
          ? header + 8 * Int.random(in: 0..<12, using: &generator)
          : Int.random(in: 0..<3 * 512, using: &generator)
        bytes[place] = UInt8.random(in: 0...255, using: &generator)
        if Bool.random(using: &generator) {
          bytes.set(UInt32(0), at: header + 16)
          bytes.set(CRC32.checksum(bytes[header..<header + 92]), at: header + 16)
        }
      }
      try test.write(bytes)
      do {
        try test.grow(to: 256 * 512)
      } catch let failure as Failure {
        #expect(failure.status == .malformed, "round \(round)")
        #expect(try test.bytes == bytes, "round \(round)")
        continue
      }
      let table = try #require(try PartitionTable(of: try test.disk))
      #expect(try table.primary.get().agrees(with: try table.backup.get()), "round \(round)")
      #expect(table.backupLBA == 255, "round \(round)")
      #expect(try test.bytes[(8 * 512)..<(101 * 512)] == sound[(8 * 512)..<(101 * 512)])
    }
  }
}

/// Numbers that look random and are the same in every run.
private struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}

import Testing

@testable import virby_image

@Suite struct ProtectiveMBRTests {
  private let sound = Array(TestDisk.image()[..<512])

  private func covered(_ bytes: [UInt8], _ sectors: UInt64) -> [UInt8] {
    var record = ProtectiveMBR(bytes: bytes)
    record.cover(sectors: sectors)
    return record.bytes
  }

  @Test func sizeIsThatOfTheDiskWithoutTheFirstSector() {
    #expect(covered(sound, 4096).number(at: 458, as: UInt32.self) == 4095)
  }

  @Test func sizeEndsWhereThirtyTwoBitsEnd() {
    #expect(covered(sound, 1 << 32).number(at: 458, as: UInt32.self) == UInt32.max)
    #expect(covered(sound, 1 << 40).number(at: 458, as: UInt32.self) == UInt32.max)
  }

  @Test func rightSizeChangesNothing() {
    var odd = sound
    odd[451] = 0x12
    #expect(covered(odd, 2048) == odd)
  }

  @Test func largestNumberIsRightForEveryDisk() {
    var largest = sound
    largest.set(UInt32.max, at: 458)
    #expect(covered(largest, 4096) == largest)
  }

  @Test func bootCodeIsLeftAlone() {
    var code = sound
    for index in 0..<446 { code[index] = UInt8(truncatingIfNeeded: index) | 1 }
    #expect(covered(code, 4096)[..<446] == code[..<446])
  }

  @Test func hybridIsLeftAlone() {
    var hybrid = sound
    hybrid[466] = 0x83
    #expect(covered(hybrid, 4096) == hybrid)
  }

  @Test func partitionedMBRIsLeftAlone() {
    var other = sound
    other[450] = 0x83
    #expect(covered(other, 4096) == other)
  }

  @Test func entryThatIsNotTheFirstIsFound() {
    var third = [UInt8](repeating: 0, count: 512)
    third.replaceSubrange(478..<494, with: sound[446..<462])
    third.replaceSubrange(510..<512, with: [0x55, 0xaa])
    let result = covered(third, 4096)
    #expect(result.number(at: 490, as: UInt32.self) == 4095)
    #expect(result[446..<478].allSatisfy { $0 == 0 })
  }

  @Test(arguments: [true, false]) func missingOneIsMade(signed: Bool) {
    var empty = [UInt8](repeating: 0, count: 512)
    if signed { empty.replaceSubrange(510..<512, with: [0x55, 0xaa]) }
    #expect(covered(empty, 2048) == sound)
  }
}

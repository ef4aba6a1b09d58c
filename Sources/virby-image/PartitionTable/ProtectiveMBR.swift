/// The first sector of a disk with a GPT, which tells older tools that the disk is taken (UEFI 5.2.3).
///
/// Its one entry covers the disk as far as 32 bits reach. The boot code before it is left alone, and so
/// is a hybrid MBR, which has more entries: those are its owner's business.
struct ProtectiveMBR: Equatable {
  /// 512 bytes; in a larger sector the rest is not used.
  private(set) var bytes: [UInt8]

  private static let firstEntry = 446
  private static let entryLength = 16
  private static let protective: UInt8 = 0xee

  /// The record of a disk as it is.
  init(bytes: [UInt8]) { self.bytes = bytes }

  /// Whether this is the only partition table, as disks had before GPT, and no file system's boot sector.
  var hasForeignPartitions: Bool {
    guard bytes.count >= 512, bytes[510] == 0x55, bytes[511] == 0xaa else { return false }
    // mtools writes a partition into the boot sector of FAT, which is at the same place.
    if [54, 82].contains(where: { bytes[$0...].starts(with: "FAT".utf8) }) { return false }
    let entries = (0..<4).map { Self.firstEntry + $0 * Self.entryLength }
    return entries.allSatisfy { bytes[$0] & 0x7f == 0 }
      && entries.contains {
        bytes[$0 + 4] != 0 && bytes[$0 + 4] != Self.protective
          && bytes.number(at: $0 + 12, as: UInt32.self) > 0
      }
  }

  /// Makes the protective entry cover a disk of that many sectors.
  mutating func cover(sectors: UInt64) {
    let starts = (0..<4).map { Self.firstEntry + $0 * Self.entryLength }
    let used = starts.filter { bytes[$0 + 4] != 0 }
    let signed = bytes[510] == 0x55 && bytes[511] == 0xaa
    guard !signed || used.isEmpty || used.count == 1 && bytes[used[0] + 4] == Self.protective else {
      return
    }
    let size = UInt32(min(sectors - 1, UInt64(UInt32.max)))
    let start = signed ? used.first ?? starts[0] : starts[0]
    // Some tools write the largest number whatever the disk's size; all readers take it.
    let recorded: UInt32 = bytes.number(at: start + 12)
    if signed && !used.isEmpty && (recorded == size || recorded == UInt32.max) { return }
    // Not bootable; from cylinder 0, head 0, sector 2 to what no cylinder reaches; from LBA 1.
    let entry: [UInt8] = [0, 0, 2, 0, Self.protective, 0xff, 0xff, 0xff, 1, 0, 0, 0]
    bytes.replaceSubrange(start..<start + entry.count, with: entry)
    bytes.set(size, at: start + 12)
    bytes[510] = 0x55
    bytes[511] = 0xaa
  }
}

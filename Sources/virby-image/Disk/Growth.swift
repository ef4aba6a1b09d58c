import VirbyKit

/// What is to be written to make a disk larger, or to mend it: thought out before anything is.
struct Growth {
  /// The size that the disk shall have, in bytes.
  let size: ByteSize
  /// The partition table that it shall have; nil if it has none.
  let table: GrownTable?
  /// Whether the table comes from the backup, for the primary is broken.
  let isPrimaryBroken: Bool

  /// Thinks it out for a disk as it is.
  ///
  /// - Parameters:
  ///   - size: The size that the disk shall have; nil keeps it.
  ///   - growingPartition: Whether the last partition takes the room that follows it.
  /// - Throws: 64 if the disk is larger than that or the size is no whole number of its sectors, 65
  ///   if its table cannot be used, 71 if it cannot be read.
  init(of disk: Disk, to size: ByteSize?, growingPartition: Bool = false) throws(Failure) {
    let present = ByteSize(bytes: disk.size)
    self.size = size ?? present
    if self.size < present {
      throw Failure(
        .usage, "cannot shrink '\(disk.name)' from \(present) to \(self.size)",
        hint: "give a size of \(present) or more")
    }
    guard let found = try PartitionTable(of: disk) else {
      table = nil
      isPrimaryBroken = false
      if self.size == present && !growingPartition { return }
      if ProtectiveMBR(bytes: try disk.read(count: 512, at: 0)).hasForeignPartitions {
        throw Failure(
          .malformed, "cannot grow '\(disk.name)': its partition table is an MBR, not a GPT",
          hint: "convert it: 'truncate -s \(self.size.bytes) DISK', then 'sgdisk --mbrtogpt DISK'")
      }
      throw Failure(
        .malformed, "cannot grow '\(disk.name)': it has no GPT",
        hint: "a bare file system needs only 'truncate -s \(self.size.bytes) DISK'")
    }
    let sectorSize = Int64(found.sectorSize)
    if self.size.bytes % sectorSize != 0 {
      throw Failure(
        .usage, "cannot grow '\(disk.name)' to \(self.size): its sectors are \(sectorSize) bytes")
    }
    if case .failure = found.primary { isPrimaryBroken = true } else { isPrimaryBroken = false }
    table = try GrownTable(
      found, sectors: UInt64(self.size.bytes / sectorSize), growingPartition: growingPartition,
      name: disk.name)
  }
}

import VirbyKit

extension Disk {
  /// Makes the disk larger, and its partition table fit and sound.
  ///
  /// The backup is on the disk before the primary is touched, so there is one good copy at any moment.
  /// What is there already is not written again.
  ///
  /// - Parameters:
  ///   - size: The size that the disk shall have; nil keeps it.
  ///   - growingPartition: Whether the last partition takes the room that follows it.
  /// - Throws: 64 if the disk is larger than that, 65 if its table cannot be used, 71.
  mutating func grow(
    to size: ByteSize?, growingPartition: Bool = false, log: Diagnostics
  ) throws(Failure) {
    let newSize = size ?? ByteSize(bytes: self.size)
    if newSize.bytes < self.size { throw cannotShrink(to: newSize) }
    guard let found = try PartitionTable(of: self) else {
      if size == nil || newSize.bytes == self.size && !growingPartition { return }
      throw Failure(
        .malformed, "cannot grow '\(name)': it has no GPT",
        hint: "one bare file system needs no more than 'truncate -s \(newSize.bytes) DISK'")
    }
    let sectorSize = Int64(found.sectorSize)
    if newSize.bytes % sectorSize != 0 {
      throw Failure(
        .usage, "cannot grow '\(name)' to \(newSize): its sectors have \(sectorSize) bytes")
    }
    let sectors = UInt64(newSize.bytes / sectorSize)
    let table = try GrownTable(
      found, sectors: sectors, growingPartition: growingPartition, name: name)

    if newSize.bytes > self.size { try extend(to: newSize.bytes) }
    let backupChanged = try put(table.backup, sectorSize: sectorSize)
    if backupChanged {
      log.explain("wrote the backup GPT of '\(name)' to sector \(table.backup.header.myLBA)")
      try synchronize()
    }
    var record = ProtectiveMBR(bytes: try read(count: 512, at: 0))
    record.cover(sectors: sectors)
    let primaryChanged = try put(table.primary, sectorSize: sectorSize)
    let recordChanged = try put(record.bytes, at: 0)
    if primaryChanged || recordChanged {
      log.explain("wrote the primary GPT of '\(name)': \(sectors) sectors")
      try synchronize()
    }
    if !backupChanged && !primaryChanged && !recordChanged {
      log.explain("'\(name)' has \(newSize) and a sound partition table already")
    }
  }

  private func put(_ copy: GPTCopy, sectorSize: Int64) throws(Failure) -> Bool {
    let entries = try put(copy.entries.bytes, at: Int64(copy.header.entriesLBA) * sectorSize)
    let header = try put(copy.header.sector, at: Int64(copy.header.myLBA) * sectorSize)
    return entries || header
  }

  private func cannotShrink(to newSize: ByteSize) -> Failure {
    let size = ByteSize(bytes: size)
    return Failure(
      .usage, "cannot shrink '\(name)' from \(size) to \(newSize)",
      hint: "give a size of \(size) or more")
  }
}

import VirbyKit

extension Disk {
  /// Makes the disk larger, and its partition table fit and sound.
  ///
  /// The backup is on the disk before the primary is touched, so there is one good copy at any moment.
  /// What is there already is not written again.
  ///
  /// - Throws: 71.
  mutating func apply(_ growth: Growth, log: Diagnostics) throws(Failure) {
    if growth.size.bytes > size { try extend(to: growth.size.bytes) }
    guard let table = growth.table else { return }

    let backupChanged = try put(table.backup)
    if backupChanged {
      log.explain("wrote the backup GPT of '\(name)' to sector \(table.backup.header.myLBA)")
      try synchronize()
    }
    var record = ProtectiveMBR(bytes: try read(count: 512, at: 0))
    record.cover(sectors: table.backup.header.myLBA + 1)
    let primaryChanged = try put(table.primary)
    let recordChanged = try put(record.bytes, at: 0)
    if primaryChanged || recordChanged {
      log.explain("wrote the primary GPT of '\(name)'")
      try synchronize()
    }
    if !backupChanged && !primaryChanged && !recordChanged {
      log.explain("'\(name)' has \(growth.size) and a sound partition table already")
    }
  }

  private func put(_ copy: GPTCopy) throws(Failure) -> Bool {
    let header = copy.header
    let sectorSize = Int64(header.sector.count)
    let entriesChanged = try put(copy.entries.bytes, at: Int64(header.entriesLBA) * sectorSize)
    let headerChanged = try put(header.sector, at: Int64(header.myLBA) * sectorSize)
    return entriesChanged || headerChanged
  }
}

import VirbyKit

extension Disk {
  /// Makes the disk larger in place, safe from being killed at any moment.
  ///
  /// - Parameters:
  ///   - newSize: The size that the disk shall have.
  ///   - growingPartition: Whether the last partition takes the room that follows it.
  /// - Throws: As `Growth` does, and 71. A disk that cannot grow has its old size again.
  mutating func grow(
    to newSize: ByteSize, growingPartition: Bool, log: Diagnostics
  ) throws(Failure) {
    var growth = try Growth(of: self, to: newSize, growingPartition: growingPartition)
    if growth.isPrimaryBroken && newSize.bytes > size {
      // On a larger disk nothing but a primary says where the backup is.
      try apply(Growth(of: self, to: nil), log: log)
      growth = try Growth(of: self, to: newSize, growingPartition: growingPartition)
    }
    try apply(growth, log: log)
  }

  /// Gives the disk its size and its partition table.
  ///
  /// The copy that was found good is not touched before the other is on the disk, so there is a good one
  /// at any moment. What is there already is not written again.
  ///
  /// - Throws: 71. The size is then the old one again, unless the new table is there.
  mutating func apply(_ growth: Growth, log: Diagnostics) throws(Failure) {
    let oldSize = size
    if growth.size.bytes > size { try resize(to: growth.size.bytes) }
    guard let table = growth.table else { return }
    var isChanged = false
    do throws(Failure) {
      if growth.isPrimaryBroken { isChanged = try putPrimary(table, log: log) }
      isChanged = try putBackup(table, log: log) || isChanged
    } catch {
      if size > oldSize { try resize(to: oldSize) }
      throw error
    }
    isChanged = try putPrimary(table, log: log) || isChanged
    if !isChanged {
      log.explain("'\(name)' has \(growth.size) and a valid partition table already")
    }
  }

  /// Whether the disk is as large as it shall be and has that partition table.
  func has(_ growth: Growth) throws(Failure) -> Bool {
    guard growth.size.bytes <= size else { return false }
    guard let table = growth.table else { return true }
    if growth.isPrimaryBroken { return false }
    let record = try read(count: 512, at: 0)
    guard try covered(by: table).bytes == record, try has(table.primary) else { return false }
    return try has(table.backup)
  }

  private func has(_ copy: GPTCopy) throws(Failure) -> Bool {
    let (header, entries) = (copy.header, copy.entries.bytes)
    let sectorSize = Int64(header.sector.count)
    let found = try read(count: entries.count, at: Int64(header.entriesLBA) * sectorSize)
    let sector = try read(count: header.sector.count, at: Int64(header.myLBA) * sectorSize)
    return found == entries && sector == header.sector
  }

  private func covered(by table: GrownTable) throws(Failure) -> ProtectiveMBR {
    var record = ProtectiveMBR(bytes: try read(count: 512, at: 0))
    record.cover(sectors: table.backup.header.myLBA + 1)
    return record
  }

  private func putBackup(_ table: GrownTable, log: Diagnostics) throws(Failure) -> Bool {
    guard try put(table.backup) else { return false }
    log.explain("wrote the backup GPT of '\(name)' to sector \(table.backup.header.myLBA)")
    try synchronize()
    return true
  }

  private func putPrimary(_ table: GrownTable, log: Diagnostics) throws(Failure) -> Bool {
    let record = try covered(by: table)
    let isTableChanged = try put(table.primary)
    let isRecordChanged = try put(record.bytes, at: 0)
    guard isTableChanged || isRecordChanged else { return false }
    log.explain("wrote the primary GPT of '\(name)'")
    try synchronize()
    return true
  }

  private func put(_ copy: GPTCopy) throws(Failure) -> Bool {
    let header = copy.header
    let sectorSize = Int64(header.sector.count)
    let entriesChanged = try put(copy.entries.bytes, at: Int64(header.entriesLBA) * sectorSize)
    let headerChanged = try put(header.sector, at: Int64(header.myLBA) * sectorSize)
    return entriesChanged || headerChanged
  }
}

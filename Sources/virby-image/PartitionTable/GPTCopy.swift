import VirbyKit

/// One copy of a partition table: a header and its entries.
struct GPTCopy: Equatable {
  /// Where things are.
  var header: GPTHeader
  /// The partitions.
  var entries: GPTEntries

  /// Reads the copy whose header is at a sector of a disk.
  ///
  /// - Throws: 71 if the disk cannot be read. A flaw of the copy is not thrown but returned.
  static func read(
    _ disk: Disk, sectorSize: Int, at lba: UInt64
  ) throws(Failure) -> Result<GPTCopy, GPTFlaw> {
    let sectors = UInt64(disk.size) / UInt64(sectorSize)
    if lba >= sectors { return .failure(.missing) }
    let sector = try disk.read(count: sectorSize, at: Int64(lba) * Int64(sectorSize))
    let header: GPTHeader
    do { header = try GPTHeader(sector: sector, at: lba, of: sectors) } catch {
      return .failure(error)
    }
    let bytes = try disk.read(
      count: header.entriesLength, at: Int64(header.entriesLBA) * Int64(sectorSize))
    let entries = GPTEntries(bytes: bytes, entrySize: header.entrySize)
    guard bytes.count == header.entriesLength, entries.checksum == header.entriesChecksum else {
      return .failure(.entriesChecksum)
    }
    return .success(GPTCopy(header: header, entries: entries))
  }

  /// Whether both copies tell the same of the disk.
  func agrees(with other: GPTCopy) -> Bool {
    entries == other.entries && header.diskGUID == other.header.diskGUID
      && header.firstUsable == other.header.firstUsable
      && header.lastUsable == other.header.lastUsable
      && header.alternateLBA == other.header.myLBA && header.myLBA == other.header.alternateLBA
  }
}

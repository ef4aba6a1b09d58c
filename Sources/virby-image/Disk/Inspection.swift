import VirbyKit

/// What is to be said of a disk. The properties' names are those of the JSON object.
struct Inspection: Encodable {
  /// One copy of the partition table.
  struct Header: Encodable {
    /// `good`, `displaced` (not at the disk's end), `different` (from the primary), or a `GPTFlaw`.
    let state: String
    /// The sector where it is, or should be.
    let lba: UInt64
  }

  /// One partition.
  struct Partition: Encodable {
    let number: Int
    let type: String
    let guid: String
    let name: String
    let first: UInt64
    let last: UInt64
    let bytes: UInt64
  }

  /// Bytes that a guest sees.
  let size: Int64
  /// Bytes that the file takes on its file system.
  let allocated: Int64
  /// Bytes of a sector; absent without a GPT, as are the next three.
  let sectorSize: Int?
  let diskGUID: String?
  let primary: Header?
  let backup: Header?
  /// In the order of the table.
  let partitions: [Partition]

  /// Looks at a disk.
  ///
  /// - Throws: 71 if it cannot be read.
  init(_ disk: Disk) throws(Failure) {
    size = disk.size
    allocated = disk.allocated
    guard let table = try PartitionTable(of: disk) else {
      (sectorSize, diskGUID, primary, backup, partitions) = (nil, nil, nil, nil, [])
      return
    }
    let believed = (try? table.primary.get()) ?? (try? table.backup.get())
    sectorSize = table.sectorSize
    diskGUID = believed?.header.diskGUID.description
    primary = Header(state: Self.state(of: table.primary) ?? "good", lba: 1)
    backup = Header(state: Self.backupState(of: table), lba: table.backupLBA)
    let sectorSize = UInt64(table.sectorSize)
    partitions = (believed?.entries.used ?? []).map { entry in
      let sectors = entry.last >= entry.first ? entry.last - entry.first &+ 1 : 0
      let (bytes, overflow) = sectors.multipliedReportingOverflow(by: sectorSize)
      return Partition(
        number: entry.number, type: entry.type.description, guid: entry.guid.description,
        name: entry.name, first: entry.first, last: entry.last,
        bytes: overflow ? .max : bytes)
    }
  }

  private static func state(of copy: Result<GPTCopy, GPTFlaw>) -> String? {
    guard case .failure(let flaw) = copy else { return nil }
    return flaw.rawValue
  }

  private static func backupState(of table: PartitionTable) -> String {
    if let flaw = state(of: table.backup) { return flaw }
    if table.backupLBA != table.sectors - 1 { return "displaced" }
    if case .success(let primary) = table.primary, case .success(let backup) = table.backup {
      return primary.agrees(with: backup) ? "good" : "different"
    }
    return "good"
  }
}

import VirbyKit

/// Both copies of a disk's partition table (GPT), as they are found.
struct PartitionTable {
  /// Bytes of a sector: 512 or 4096.
  let sectorSize: Int
  /// How many sectors the disk has.
  let sectors: UInt64
  /// The copy at the start of the disk.
  let primary: Result<GPTCopy, GPTFlaw>
  /// The copy at the end, or where the end was before the disk grew.
  let backup: Result<GPTCopy, GPTFlaw>
  /// The sector of the backup's header.
  let backupLBA: UInt64

  /// Looks for a table, with sectors of either size.
  ///
  /// - Returns: nil if there is no sign of one.
  /// - Throws: 71 if the disk cannot be read.
  init?(of disk: Disk) throws(Failure) {
    var candidates: [PartitionTable] = []
    for size in [512, 4096] where disk.size >= 4 * Int64(size) {
      candidates.append(try PartitionTable(of: disk, sectorSize: size))
    }
    let found =
      candidates.first { (try? $0.primary.get()) != nil }
      ?? candidates.first { (try? $0.backup.get()) != nil }
      ?? candidates.first { !$0.isMissing }
    guard let found else { return nil }
    self = found
  }

  private init(of disk: Disk, sectorSize: Int) throws(Failure) {
    self.sectorSize = sectorSize
    sectors = UInt64(disk.size) / UInt64(sectorSize)
    primary = try GPTCopy.read(disk, sectorSize: sectorSize, at: 1)
    // A broken primary may still know where the backup is; the backup's own checks decide.
    let sector = try disk.read(count: sectorSize, at: Int64(sectorSize))
    let known = sector.starts(with: GPTHeader.signature) ? sector.number(at: 32) : sectors - 1
    let expected = try GPTCopy.read(disk, sectorSize: sectorSize, at: known)
    if case .failure = expected, case .failure = primary, known != sectors - 1 {
      backupLBA = sectors - 1
      backup = try GPTCopy.read(disk, sectorSize: sectorSize, at: sectors - 1)
    } else {
      backupLBA = known
      backup = expected
    }
  }

  private var isMissing: Bool {
    primary == .failure(.missing) && backup == .failure(.missing)
  }

  /// The copy to believe: the primary if it is good.
  ///
  /// - Parameter name: The disk's name for messages.
  /// - Throws: 65 if both are broken, or the table is of a larger disk.
  func trusted(name: String) throws(Failure) -> GPTCopy {
    switch (primary, backup) {
    case (.success(let copy), _):
      let end = max(copy.header.alternateLBA, copy.header.lastUsable)
      if end >= sectors { throw Self.cutShort(name: name) }
      return copy
    case (_, .success(let copy)):
      return copy
    case (.failure(let primary), .failure(let backup)):
      throw Failure(
        .malformed,
        "'\(name)' has no valid partition table: "
          + "the primary GPT \(primary.text), the backup \(backup.text)",
        hint: "nothing was changed; create the disk again from its image")
    }
  }

  private static func cutShort(name: String) -> Failure {
    Failure(
      .malformed, "'\(name)' is cut short: its partition table is that of a larger disk",
      hint: "copy or download it again")
  }
}

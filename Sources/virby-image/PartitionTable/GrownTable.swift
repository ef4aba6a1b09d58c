import VirbyKit

/// What a partition table shall be on a disk of some size.
struct GrownTable: Equatable {
  /// The copy for the start of the disk.
  let primary: GPTCopy
  /// The copy for its end.
  let backup: GPTCopy

  /// Fits a table to a disk.
  ///
  /// A table that is of this size already keeps its numbers, even if others were possible.
  ///
  /// - Parameters:
  ///   - found: The table as it is.
  ///   - sectors: How many sectors the disk shall have.
  ///   - growingPartition: Whether the last partition takes the room that follows it.
  ///   - name: The disk's name for messages.
  /// - Throws: 65 if no copy is good, or a partition lies where the backup must go.
  init(
    _ found: PartitionTable, sectors: UInt64, growingPartition: Bool, name: String
  ) throws(Failure) {
    let trusted = try found.trusted(name: name)
    var header = trusted.header
    var entries = trusted.entries
    let end = sectors - 1
    let room = header.entriesSectors
    guard end >= room, end - room > header.firstUsable else {
      throw Failure(.malformed, "'\(name)' has no room for the backup of its partition table")
    }
    var backupEntries = end - room
    if case .success(let backup) = found.backup, backup.header.myLBA == end,
      backup.header.entriesSectors == room, backup.header.entriesLBA > header.lastUsable
    {
      backupEntries = backup.header.entriesLBA
    }
    if max(header.alternateLBA, header.myLBA) != end || header.lastUsable >= backupEntries {
      header.lastUsable = backupEntries - 1
    }

    if let last = entries.last {
      if last.last > header.lastUsable {
        throw Failure(
          .malformed,
          "partition \(last.number) of '\(name)' reaches into the backup partition table")
      }
      if growingPartition { entries.setLast(header.lastUsable, of: last) }
    } else if growingPartition {
      throw Failure(.malformed, "'\(name)' has no partition to grow")
    }
    header.entriesChecksum = entries.checksum

    // A broken primary cannot say where its entries were; after the header is where they belong.
    let primaryEntries = header.myLBA == 1 ? header.entriesLBA : 2
    guard primaryEntries + room <= header.firstUsable else {
      throw Failure(.malformed, "'\(name)' has no room for the primary partition table")
    }
    var start = header
    start.myLBA = 1
    start.alternateLBA = end
    start.entriesLBA = primaryEntries
    header.myLBA = end
    header.alternateLBA = 1
    header.entriesLBA = backupEntries
    primary = GPTCopy(header: start, entries: entries)
    backup = GPTCopy(header: header, entries: entries)
  }
}

/// One partition (UEFI 5.3.3, table 5-6).
struct GPTEntry: Equatable {
  /// The partition's number, from 1.
  let number: Int
  /// What it is for.
  let type: GUID
  /// Its own identity.
  let guid: GUID
  /// Its first sector.
  let first: UInt64
  /// Its last sector.
  let last: UInt64
  /// Its name, from UTF-16 that anyone may have written.
  let name: String
}

/// The partitions of one copy of a partition table, as an array of bytes.
struct GPTEntries: Equatable {
  /// All entries, used or not.
  private(set) var bytes: [UInt8]
  private let entrySize: Int

  /// Entries of some size.
  init(bytes: [UInt8], entrySize: Int) {
    self.bytes = bytes
    self.entrySize = entrySize
  }

  /// The checksum that a header must have.
  var checksum: UInt32 { CRC32.checksum(bytes) }

  /// The entries in use, by number.
  var used: [GPTEntry] {
    (0..<bytes.count / entrySize).compactMap { index in
      let start = index * entrySize
      let type = GUID(bytes, at: start)
      if type.isZero { return nil }
      let units = (0..<36).map { bytes.number(at: start + 56 + 2 * $0, as: UInt16.self) }
      return GPTEntry(
        number: index + 1, type: type, guid: GUID(bytes, at: start + 16),
        first: bytes.number(at: start + 32), last: bytes.number(at: start + 40),
        name: String(decoding: units.prefix { $0 != 0 }, as: UTF16.self))
    }
  }

  /// The partition that lies nearest to the end of the disk.
  var last: GPTEntry? { used.max { $0.last < $1.last } }

  /// Moves the end of a partition.
  mutating func setLast(_ sector: UInt64, of entry: GPTEntry) {
    bytes.set(sector, at: (entry.number - 1) * entrySize + 40)
  }
}

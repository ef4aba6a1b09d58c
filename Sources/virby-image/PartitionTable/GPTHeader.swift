/// The header of one copy of a partition table (UEFI 5.3.2, table 5-5), with its whole sector.
///
/// Bytes that this version of the specification does not know are kept.
struct GPTHeader: Equatable {
  /// The sector that it fills.
  private(set) var sector: [UInt8]

  /// The first eight bytes of any header.
  static let signature = Array("EFI PART".utf8)

  // No disk has more than 1024 partitions by far; this bounds what a forged header makes us read.
  private static let maximumEntriesLength = 16 << 20

  /// Reads and checks a header.
  ///
  /// - Parameters:
  ///   - sector: One whole sector.
  ///   - lba: Where it was read.
  ///   - sectors: How many sectors the disk has.
  init(sector: [UInt8], at lba: UInt64, of sectors: UInt64) throws(GPTFlaw) {
    self.sector = sector
    guard sector.count >= 512, sector.starts(with: Self.signature) else { throw .missing }
    guard (92...sector.count).contains(headerSize) else { throw .malformed }
    guard checksum == computedChecksum else { throw .checksum }
    guard myLBA == lba else { throw .misplaced }
    guard hasSoundEntrySize, firstUsable <= lastUsable, alternateLBA != myLBA else {
      throw .malformed
    }
    guard entriesLBA >= 2, entriesLBA < sectors, entriesSectors < sectors - entriesLBA else {
      throw .malformed
    }
    let last = entriesLBA + entriesSectors - 1
    guard last < firstUsable || entriesLBA > lastUsable, !(entriesLBA...last).contains(lba) else {
      throw .malformed
    }
  }

  private var hasSoundEntrySize: Bool {
    let size = Int(entrySize)
    let (length, overflow) = Int(entryCount).multipliedReportingOverflow(by: size)
    // 128 · 2ⁿ
    return size >= 128 && size & (size - 1) == 0 && !overflow
      && (1...Self.maximumEntriesLength).contains(length)
  }

  private var headerSize: Int { Int(sector.number(at: 12, as: UInt32.self)) }
  private var checksum: UInt32 { sector.number(at: 16) }
  private var entryCount: UInt32 { sector.number(at: 80) }

  private var computedChecksum: UInt32 {
    var bytes = Array(sector[..<headerSize])
    bytes.set(UInt32(0), at: 16)
    return CRC32.checksum(bytes)
  }

  /// The sector that this header is for.
  var myLBA: UInt64 {
    get { sector.number(at: 24) }
    set { set(newValue, at: 24) }
  }

  /// The sector of the other copy's header.
  var alternateLBA: UInt64 {
    get { sector.number(at: 32) }
    set { set(newValue, at: 32) }
  }

  /// The first sector that a partition may have.
  var firstUsable: UInt64 { sector.number(at: 40) }

  /// The last sector that a partition may have.
  var lastUsable: UInt64 {
    get { sector.number(at: 48) }
    set { set(newValue, at: 48) }
  }

  /// The disk's own identity.
  var diskGUID: GUID { GUID(sector, at: 56) }

  /// The first sector of this copy's entries.
  var entriesLBA: UInt64 {
    get { sector.number(at: 72) }
    set { set(newValue, at: 72) }
  }

  /// The checksum that the entries must have.
  var entriesChecksum: UInt32 {
    get { sector.number(at: 88) }
    set { set(newValue, at: 88) }
  }

  /// Bytes of one entry.
  var entrySize: Int { Int(sector.number(at: 84, as: UInt32.self)) }

  /// Bytes of all entries, used or not.
  var entriesLength: Int { Int(entryCount) * entrySize }

  /// Sectors that all entries take.
  var entriesSectors: UInt64 { UInt64((entriesLength + sector.count - 1) / sector.count) }

  private mutating func set<Number: FixedWidthInteger & UnsignedInteger>(
    _ number: Number, at offset: Int
  ) {
    sector.set(number, at: offset)
    sector.set(computedChecksum, at: 16)
  }
}

import VirbyKit

/// The records in a file of Apple's bootpd(8): they stand between a line `{` and a line `}`, a
/// property on each line.
///
/// What PLCache_write in bootp's NICache.c writes: TAB, name, `=`, value, nothing quoted. A client
/// chooses the value of `name`, any bytes but NUL and LF. Lines outside of records, records without
/// their `}`, and records with a property twice, which bootpd never writes, are left out.
struct BootpdLeases: Sequence, IteratorProtocol {
  private var lines: ByteLines

  /// The records of a file that outlives this.
  init(_ buffer: UnsafeRawBufferPointer) { lines = ByteLines(buffer) }

  /// Whether a file begins with that line.
  static func begins(with line: ByteSlice) -> Bool { line.equals("{") }

  /// The next record.
  mutating func next() -> LeaseRecord? {
    var entry: Entry?
    while let line = lines.next() {
      switch line.first {
      case UInt8(ascii: "{") where line.withoutCarriageReturn.equals("{"):
        entry = Entry(after: line)
      case UInt8(ascii: "}") where line.withoutCarriageReturn.equals("}"):
        if let record = entry?.record { return record }
        entry = nil
      default:
        entry?.read(line)
      }
    }
    return nil
  }
}

/// A record in the making.
private struct Entry {
  private var lease: LeaseRecord
  private let endsLinesWithCRLF: Bool
  private var hardware: ByteSlice?
  private var identifier: ByteSlice?
  private var seen: Set = []
  private var isCorrupt = false

  /// The properties that have been read.
  private struct Set: OptionSet {
    let rawValue: UInt8
    static let name = Set(rawValue: 1)
    static let address = Set(rawValue: 2)
    static let hardware = Set(rawValue: 4)
    static let identifier = Set(rawValue: 8)
    static let lease = Set(rawValue: 16)
    static let declined = Set(rawValue: 32)
  }

  /// A record that begins with that line.
  init(after line: ByteSlice) {
    lease = LeaseRecord(position: line.startIndex)
    // Otherwise a CR at a line's end belongs to the client's name.
    endsLinesWithCRLF = line.count == 2
  }

  /// Reads a property; one that is not known is skipped.
  mutating func read(_ line: ByteSlice) {
    let line = endsLinesWithCRLF ? line.withoutCarriageReturn : line
    let start = line.firstIndex { $0 != 0x09 && $0 != 0x20 } ?? line.endIndex
    let equals = line.position(of: UInt8(ascii: "=")) ?? line.endIndex
    let key = line[Swift.min(start, equals)..<equals]
    let whole = line[Swift.min(equals + 1, line.endIndex)...]
    if key.equals("name") {
      note(.name)
      lease.name = whole.isEmpty ? nil : whole.startIndex..<whole.endIndex
      return
    }
    let value = whole.withoutTrailingBlanks
    if key.equals("ip_address") {
      note(.address)
      lease.address = IPv4Address(text: value)
    } else if key.equals("hw_address") {
      note(.hardware)
      hardware = value
    } else if key.equals("identifier") {
      note(.identifier)
      identifier = value
      lease.client = value.isEmpty ? nil : value.startIndex..<value.endIndex
    } else if key.equals("lease") {
      note(.lease)
      lease.expiry = Self.expiry(whole)
    } else if key.equals("declined") {
      note(.declined)
      lease.isDeclined = true
    }
  }

  /// The record; nil if it is corrupt.
  var record: LeaseRecord? {
    if isCorrupt { return nil }
    var record = lease
    let hardware = hardware.flatMap(ClientID.init)
    if case .hardware(let mac) = hardware {
      (record.mac, record.evidence) = (mac, .hardware)
      return record
    }
    switch (hardware, identifier.flatMap(ClientID.init)) {
    case (_, .hardware(let mac)):
      (record.mac, record.evidence) = (mac, .identifier)
    case (.duid(let mac), _), (_, .duid(let mac)):
      (record.mac, record.evidence) = (mac, .duid)
      record.hidesMAC = mac == nil
    default: break
    }
    return record
  }

  private mutating func note(_ property: Set) {
    if !seen.insert(property).inserted { isCorrupt = true }
  }

  /// `0x` and a hexadecimal number of seconds; bootpd's infinity has 32 or 64 bits, all set.
  private static func expiry(_ value: ByteSlice) -> LeaseExpiry {
    let isPrefixed = value.prefix(2).equals("0x") || value.prefix(2).equals("0X")
    return switch (isPrefixed ? value.dropFirst(2) : value).hexadecimal {
    case .some(0xffff_ffff), .some(.max): .never
    case .some(let seconds): .at(seconds)
    case nil: .unreadable
    }
  }
}

import VirbyKit

/// The file of Apple's bootpd(8): records between a line `{` and a line `}`, a property on each
/// line.
///
/// What PLCache_write in bootp's NICache.c writes: TAB, name, `=`, value, nothing quoted. A client
/// chooses the value of `name`, any bytes but NUL and LF.
struct BootpdLeases {
  private var records: [LeaseRecord] = []
  private var entry: Entry?
  private var endsLinesWithCRLF = false

  /// Whether a file begins with that line.
  static func begins(with line: ByteSlice) -> Bool { line.equals("{") }

  /// The records of a file. Lines outside of records, records without their `}`, and records with a
  /// property twice, which bootpd never writes, are left out.
  static func records(in buffer: UnsafeRawBufferPointer) -> [LeaseRecord] {
    var leases = BootpdLeases()
    for line in ByteLines(buffer) { leases.read(line) }
    return leases.records
  }

  private mutating func read(_ line: ByteSlice) {
    switch line.first {
    case UInt8(ascii: "{") where line.withoutCarriageReturn.equals("{"):
      entry = Entry()
      // Otherwise a CR at a line's end belongs to the client's name.
      endsLinesWithCRLF = line.count == 2
    case UInt8(ascii: "}") where line.withoutCarriageReturn.equals("}"):
      if let record = entry?.record { records.append(record) }
      entry = nil
    default:
      entry?.read(endsLinesWithCRLF ? line.withoutCarriageReturn : line)
    }
  }
}

/// A record in the making.
private struct Entry {
  private var lease = LeaseRecord()
  private var hardware: ClientID?
  private var identifier: ClientID?
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

  /// Reads a property; one that is not known is skipped.
  mutating func read(_ line: ByteSlice) {
    let text = line.drop { $0 == 0x09 || $0 == 0x20 }
    let equals = text.firstIndex(of: UInt8(ascii: "=")) ?? text.endIndex
    let key = text[..<equals]
    let value = text[equals...].dropFirst()
    if key.equals("name") {
      note(.name)
      lease.name = value.isEmpty ? nil : value.startIndex..<value.endIndex
    } else if key.equals("ip_address") {
      note(.address)
      lease.address = IPv4Address(text: value)
    } else if key.equals("hw_address") {
      note(.hardware)
      hardware = ClientID(bootpd: value)
    } else if key.equals("identifier") {
      note(.identifier)
      identifier = ClientID(bootpd: value)
      lease.client = value.isEmpty ? nil : value.startIndex..<value.endIndex
    } else if key.equals("lease") {
      note(.lease)
      lease.expiry = Self.expiry(value)
    } else if key.equals("declined") {
      note(.declined)
      lease.isDeclined = true
    }
  }

  /// The record; nil if it is corrupt.
  var record: LeaseRecord? {
    if isCorrupt { return nil }
    var record = lease
    switch (hardware, identifier) {
    case (.hardware(let mac), _):
      (record.mac, record.evidence) = (mac, .hardware)
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

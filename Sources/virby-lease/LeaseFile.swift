import VirbyKit

/// The records of a lease file, or of what a neighbour table's command has printed.
///
/// The format is told by the content: the first line that one of them would begin with decides.
/// What cannot be read costs its own record and no other. A record counts only if something follows
/// its address and its MAC, so that a file caught half-written never gives half an address.
struct LeaseFile {
  /// Who wrote it.
  enum Format: String, CaseIterable {
    /// Apple's bootpd(8).
    case bootpd
    /// dnsmasq(8).
    case dnsmasq
    /// `arp -an`, of macOS or of Linux.
    case arp
    /// `ip neigh`.
    case neighbours = "ip neigh"
  }

  /// The content.
  let bytes: [UInt8]
  /// nil if no line is like any format's.
  let format: Format?

  /// Takes the content; there is none that it refuses.
  init(bytes: [UInt8]) {
    // What an editor may have put there: a byte order mark.
    let bytes = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? Array(bytes.dropFirst(3)) : bytes
    self.bytes = bytes
    format = bytes.withUnsafeBytes { buffer in
      for line in ByteLines(buffer) {
        if let format = Format(line: line.withoutCarriageReturn) { return format }
      }
      return nil
    }
  }

  /// The records, in the order of the file.
  var records: [LeaseRecord] {
    bytes.withUnsafeBytes { buffer in
      switch format {
      case .bootpd: Array(BootpdLeases(buffer))
      case .dnsmasq: ByteLines(buffer).compactMap(DnsmasqLeases.record)
      case .arp: ByteLines(buffer).compactMap(NeighbourTable.arpRecord)
      case .neighbours: ByteLines(buffer).compactMap(NeighbourTable.neighbourRecord)
      case nil: []
      }
    }
  }

  /// Whether there is something, but nothing that any of the formats begins with.
  var isForeign: Bool { format == nil && !bytes.allSatisfy { $0 <= 0x20 } }

  /// The bytes of a record's text.
  subscript(range: Range<Int>?) -> ArraySlice<UInt8> { bytes[range ?? 0..<0] }
}

extension LeaseFile.Format {
  init?(line: ByteSlice) {
    let formats: [(Self, (ByteSlice) -> Bool)] = [
      (.bootpd, BootpdLeases.begins), (.dnsmasq, DnsmasqLeases.begins),
      (.arp, NeighbourTable.isARP), (.neighbours, NeighbourTable.isNeighbour),
    ]
    guard let (format, _) = formats.first(where: { $0.1(line) }) else { return nil }
    self = format
  }
}

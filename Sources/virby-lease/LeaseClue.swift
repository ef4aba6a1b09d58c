import VirbyKit

/// What a record in bootpd's file must bear to be one that is wanted. It is found by a fast search, so
/// that of a long file only the records around it need be read.
enum LeaseClue {
  /// A client id, `T,b:b:b`, that ends with this MAC, however it is spelled.
  case mac(MACAddress)
  /// A client id that is a DUID: its type is ff.
  case duid
  /// This text.
  case text([UInt8])

  /// Where it stands first.
  func place(in bytes: ByteSlice) -> Int? {
    switch self {
    case .text(let text): return bytes.position(of: text)
    case .duid: return placeOfID(in: bytes) { type, _ in type.last.map { $0 | 0x20 } == 0x66 }
    case .mac(let mac):
      let last = mac.bytes[5] & 15
      return placeOfID(in: bytes) { _, id in
        // To see that the last digit is another is quicker than to read them all.
        guard let byte = id.last, hexadecimalDigit(byte) == UInt64(last) else { return false }
        var octets = Octets()
        return octets.read(id) && MACAddress(low48Bits: octets.tail) == mac
      }
    }
  }

  /// Where the first client id is that is so, or what looks like one. Its comma is the first on its line.
  private func placeOfID(
    in bytes: ByteSlice, where isSo: (_ before: ByteSlice, _ after: ByteSlice) -> Bool
  ) -> Int? {
    var rest = bytes
    while let comma = rest.position(of: UInt8(ascii: ",")) {
      var lines = ByteLines(rest[(comma + 1)...])
      let after = lines.next() ?? lines.rest
      if isSo(rest[..<comma], after.withoutCarriageReturn) { return comma }
      rest = lines.rest
    }
    return nil
  }
}

import VirbyKit

/// What a record in bootpd's file must bear to be the one that is wanted. It is found by a fast search,
/// so that of a long file only the records around it need be read.
enum LeaseClue {
  /// A client id that ends with this MAC, however it is spelled.
  case mac(MACAddress)
  /// This text.
  case text([UInt8])

  /// Where it stands first.
  func place(in bytes: ByteSlice) -> Int? {
    switch self {
    case .text(let text): return bytes.position(of: text)
    case .mac(let mac):
      var rest = bytes
      // A client id is `T,b:b:b`; a comma is rare elsewhere.
      while let comma = rest.position(of: UInt8(ascii: ",")) {
        rest = rest[(comma + 1)...]
        var lines = ByteLines(rest)
        var octets = Octets()
        if let line = lines.next(), octets.read(line.withoutCarriageReturn),
          MACAddress(low48Bits: octets.tail) == mac
        {
          return comma
        }
      }
      return nil
    }
  }
}

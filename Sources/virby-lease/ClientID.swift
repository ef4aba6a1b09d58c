import VirbyKit

/// By what a DHCP client is known to the server (option 61), as far as it tells the client's MAC.
enum ClientID: Equatable {
  /// Type 1: the MAC itself.
  case hardware(MACAddress)
  /// Type 255 (RFC 4361): an IAID and a DUID, with the MAC of the interface for which the DUID was
  /// made if it is a DUID-LLT or DUID-LL of Ethernet (RFC 8415, 11.2 and 11.4).
  case duid(MACAddress?)
  /// Anything else.
  case other

  /// Reads bootpd's form, `T,b:b:b`: the type and the bytes in hexadecimal without leading zeros.
  ///
  /// - Returns: nil if it is malformed.
  init?(bootpd text: ByteSlice) {
    guard let comma = text.firstIndex(of: UInt8(ascii: ",")), comma - text.startIndex <= 2,
      let type = text[..<comma].hexadecimal
    else { return nil }
    var octets = Octets()
    guard octets.read(text[(comma + 1)...]) else { return nil }
    switch (type, octets.count) {
    case (1, 6): self = .hardware(MACAddress(low48Bits: octets.tail))
    case (0xff, _): self = .duid(Self.macOfDUID(octets))
    default: self = .other
    }
  }

  /// The four bytes of the IAID are followed by the DUID's type, that of the hardware, in a
  /// DUID-LLT four bytes of time, and the MAC.
  private static func macOfDUID(_ octets: Octets) -> MACAddress? {
    let isLLT = octets.middle == 0x0001_0001 && octets.count == 18
    let isLL = octets.middle == 0x0003_0001 && octets.count == 14
    return isLLT || isLL ? MACAddress(low48Bits: octets.tail) : nil
  }
}

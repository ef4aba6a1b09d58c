import ArgumentParser

/// The six bytes of an Ethernet address.
///
/// Compared by bytes: bootpd and arp(8) print them without leading zeros.
public struct MACAddress: Hashable, Sendable {
  // One integer, not an array: a lease file may hold 100,000 of them.
  private let value: UInt64

  /// - Returns: nil unless there are six bytes.
  public init?(bytes: some Collection<UInt8>) {
    guard bytes.count == 6 else { return nil }
    value = bytes.reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// The address whose first byte is the highest of the lower 48 bits; the upper 16 are ignored.
  public init(low48Bits: UInt64) {
    value = low48Bits & 0xffff_ffff_ffff
  }

  /// Reads six groups of one or two hexadecimal digits between colons, or hyphens: `2:94:0:a:1:2`,
  /// `5A-94-EF-E4-0C-EE`.
  public init?(_ text: String) {
    let separator: Character = text.contains("-") ? "-" : ":"
    let groups = text.split(separator: separator, omittingEmptySubsequences: false)
    // UInt8(_:radix:) takes a sign, and isHexDigit the wide digits of East Asian text.
    let digits = { (group: Substring) in group.allSatisfy { $0.isASCII && $0.isHexDigit } }
    guard groups.allSatisfy({ (1...2).contains($0.utf8.count) && digits($0) }) else { return nil }
    self.init(bytes: groups.compactMap { UInt8($0, radix: 16) })
  }

  /// Whether one station may have it: it is neither a group's, as broadcast is, nor zero.
  public var isUnicast: Bool { value != 0 && value >> 40 & 1 == 0 }

  /// The six bytes.
  public var bytes: [UInt8] {
    stride(from: 40, through: 0, by: -8).map { UInt8(truncatingIfNeeded: value >> UInt64($0)) }
  }
}

extension MACAddress {
  /// An address of one's own that is always the same for a name: FNV-1a, cut to 46 bits, unicast and
  /// locally administered.
  ///
  /// A VM that has another address at each start uses up the DHCP server's pool.
  public init(derivedFrom name: String) {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    let folded = hash ^ (hash >> 32)
    self.init(low48Bits: folded & ~(0x03 << 40) | (0x02 << 40))
  }
}

extension MACAddress: CustomStringConvertible {
  /// Twelve lower-case digits in pairs: `02:94:00:0a:01:02`.
  public var description: String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: ":")
  }
}

extension MACAddress: ExpressibleByArgument {
  /// An address on the command line.
  public init?(argument: String) {
    guard let address = RightForm.of(Self(argument), "write an address such as 02:94:00:0a:01:02")
    else { return nil }
    self = address
  }
}

import ArgumentParser

/// The six bytes of an Ethernet address.
///
/// Compared by bytes: bootpd and arp(8) print them without leading zeros.
public struct MACAddress: Hashable, Sendable {
  /// The six bytes.
  public let bytes: [UInt8]

  /// - Returns: nil unless there are six bytes.
  public init?(bytes: some Collection<UInt8>) {
    guard bytes.count == 6 else { return nil }
    self.bytes = Array(bytes)
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
    self.init(argument)
  }
}

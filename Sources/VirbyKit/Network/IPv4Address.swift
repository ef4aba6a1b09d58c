/// An IPv4 address.
public struct IPv4Address: Hashable, Sendable {
  /// The four bytes as one number, the first byte highest.
  public let value: UInt32

  /// The address with that number, the first byte highest.
  public init(_ value: UInt32) {
    self.value = value
  }

  /// Reads four decimal numbers between dots, as inet_ntop(3) writes them.
  ///
  /// - Returns: nil for anything else; a number with a leading zero, which some read as octal, too.
  @inlinable public init?(text: some Sequence<UInt8>) {
    var value: UInt32 = 0
    var part: UInt32?
    var dots = 0
    for byte in text {
      if byte == UInt8(ascii: "."), let number = part, dots < 3 {
        value = value << 8 | number
        part = nil
        dots += 1
      } else if (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte), part != 0 {
        let number = (part ?? 0) * 10 + UInt32(byte - UInt8(ascii: "0"))
        if number > 255 { return nil }
        part = number
      } else {
        return nil
      }
    }
    guard let part, dots == 3 else { return nil }
    self.value = value << 8 | part
  }

  /// Whether a machine on a network can have it: not 0/8, 127/8, 169.254/16, multicast or beyond.
  public var isUsable: Bool {
    let first = value >> 24
    return first != 0 && first != 127 && first < 224 && value >> 16 != 0xa9fe
  }
}

extension IPv4Address: CustomStringConvertible {
  /// `192.168.64.5`
  public var description: String {
    "\(value >> 24).\(value >> 16 & 255).\(value >> 8 & 255).\(value & 255)"
  }
}

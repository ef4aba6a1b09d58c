/// The encoding of values in event lines: `%` and two hexadecimal digits for a space, a `%` and
/// every control byte.
public enum PercentEncoding {
  private static let percent = UInt8(ascii: "%")

  /// Encodes what a value may not contain.
  public static func encode(_ bytes: some Sequence<UInt8>) -> [UInt8] {
    var encoded: [UInt8] = []
    encode(bytes, into: &encoded)
    return encoded
  }

  /// Encodes what a value may not contain, behind what is there already.
  static func encode(_ bytes: some Sequence<UInt8>, into encoded: inout [UInt8]) {
    for byte in bytes {
      if byte > UInt8(ascii: " ") && byte != percent && byte != 0x7f {
        encoded.append(byte)
      } else {
        encoded += [percent, digit(byte >> 4), digit(byte & 15)]
      }
    }
  }

  /// Decodes a value.
  ///
  /// - Returns: nil if a `%` is not followed by two hexadecimal digits, or a byte that had to be
  ///   encoded is not.
  public static func decode(_ bytes: some Sequence<UInt8>) -> [UInt8]? {
    var decoded: [UInt8] = []
    var rest = bytes.makeIterator()
    while let byte = rest.next() {
      if byte == percent {
        guard let high = rest.next().flatMap(value), let low = rest.next().flatMap(value) else {
          return nil
        }
        decoded.append(high << 4 | low)
      } else if byte > UInt8(ascii: " ") && byte != 0x7f {
        decoded.append(byte)
      } else {
        return nil
      }
    }
    return decoded
  }

  private static func digit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") + value - 10
  }

  private static func value(_ digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
    case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
    case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
    default: nil
    }
  }
}

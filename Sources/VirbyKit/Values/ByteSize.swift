import ArgumentParser

/// A size in bytes, as people write it: `100GiB`, `6144MiB`, `6G`.
///
/// Units are powers of 1024. `GB` is refused, for it means two things.
public struct ByteSize: Equatable, Comparable, Sendable {
  /// The number of bytes.
  public let bytes: Int64

  /// A number of bytes.
  public init(bytes: Int64) {
    self.bytes = bytes
  }

  /// Reads digits and a unit.
  ///
  /// - Parameters:
  ///   - text: `100GiB`, `6G`, `512KiB`, `4096B`.
  ///   - bareUnit: What a number without a unit counts; nil refuses one.
  /// - Returns: nil for anything else, for zero, and for more than 2^63 - 1 bytes.
  public init?(_ text: String, bareUnit: Int64? = nil) {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    guard let number = Int64(digits), number > 0 else { return nil }
    guard let unit = Self.unit(String(text.dropFirst(digits.count)), bare: bareUnit) else {
      return nil
    }
    let (bytes, overflow) = number.multipliedReportingOverflow(by: unit)
    if overflow { return nil }
    self.bytes = bytes
  }

  private static func unit(_ text: String, bare: Int64?) -> Int64? {
    switch text {
    case "": bare
    case "B": 1
    case "K", "KiB": 1 << 10
    case "M", "MiB": 1 << 20
    case "G", "GiB": 1 << 30
    case "T", "TiB": 1 << 40
    default: nil
    }
  }

  /// Smaller sizes come first.
  public static func < (one: ByteSize, other: ByteSize) -> Bool { one.bytes < other.bytes }
}

extension ByteSize: CustomStringConvertible {
  /// The size in the largest unit that divides it: `100GiB`, `1000B`.
  public var description: String {
    for (unit, name) in Self.units where bytes != 0 && bytes % (1 << unit) == 0 {
      return "\(bytes >> unit)\(name)"
    }
    return "\(bytes)B"
  }

  // Not in the loop, which Swift 6.3 compiles to other code each time.
  private static let units: [(Int64, String)] = [
    (40, "TiB"), (30, "GiB"), (20, "MiB"), (10, "KiB"),
  ]
}

extension ByteSize: ExpressibleByArgument {
  /// A size on the command line; a bare number is refused.
  public init?(argument: String) {
    guard let size = RightForm.of(Self(argument), "write a size such as 100GiB or 512MiB")
    else { return nil }
    self = size
  }
}

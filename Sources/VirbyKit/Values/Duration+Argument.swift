import ArgumentParser

extension Duration {
  /// Reads a whole number and a unit: `90s`, `180m`, `3h`; `250ms` for tests, `2d` for the patient.
  ///
  /// - Returns: nil for anything else, a bare number included, and for more than a century.
  public init?(_ text: String) {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    guard let number = Int64(digits), number < 4_000_000_000 else { return nil }
    switch text.dropFirst(digits.count) {
    case "ms": self = .milliseconds(number)
    case "s": self = .seconds(number)
    case "m": self = .seconds(number * 60)
    case "h": self = .seconds(number * 3600)
    case "d": self = .seconds(number * 86400)
    default: return nil
    }
    if self > .seconds(3_155_760_000) { return nil }
  }

  /// The duration in the largest unit that divides it: `3h`, `90s`, `250ms`.
  public var text: String {
    let (seconds, attoseconds) = components
    if attoseconds != 0 { return "\(Int64(self / .milliseconds(1)))ms" }
    for (unit, name) in Self.units where seconds != 0 && seconds % unit == 0 {
      return "\(seconds / unit)\(name)"
    }
    return "\(seconds)s"
  }

  // Not in the loop, which Swift 6.3 compiles to other code each time.
  private static let units: [(Int64, String)] = [(86400, "d"), (3600, "h"), (60, "m")]
}

extension Duration: @retroactive ExpressibleByArgument {
  /// A duration on the command line.
  public init?(argument: String) {
    guard let time = RightForm.of(Self(argument), "write a duration such as 90s, 180m or 3h")
    else { return nil }
    self = time
  }

  /// The default as the help shows it.
  public var defaultValueDescription: String { text }
}

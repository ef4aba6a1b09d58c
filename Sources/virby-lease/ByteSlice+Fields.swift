import VirbyKit

/// What the parsers ask of a part of a line. Nothing here makes a String.
extension ByteSlice {
  /// Whether these are that word's bytes.
  func equals(_ word: StaticString) -> Bool {
    guard count == word.utf8CodeUnitCount else { return false }
    // elementsEqual on the slice itself is several times slower, and this runs for every line.
    let (bytes, expected) = (UnsafeRawBufferPointer(rebasing: self), word.utf8Start)
    return bytes.indices.allSatisfy { bytes[$0] == expected[$0] }
  }

  /// Takes the next word: what stands before the next blank or TAB, blanks before it skipped.
  ///
  /// - Returns: nil if there is none.
  mutating func takeWord() -> ByteSlice? {
    self = drop(while: isBlank)
    guard !isEmpty else { return nil }
    let end = firstIndex(where: isBlank) ?? endIndex
    defer { self = self[end...] }
    return self[..<end]
  }

  /// These bytes without a CR at the end.
  var withoutCarriageReturn: ByteSlice { last == 0x0d ? dropLast() : self }

  /// These bytes without blanks and TABs at the end.
  var withoutTrailingBlanks: ByteSlice {
    var rest = self
    while let last = rest.last, isBlank(last) { rest = rest.dropLast() }
    return rest
  }

  /// A decimal number: digits only; nil if it exceeds 64 bits.
  var decimal: UInt64? {
    var value: UInt64 = 0
    for byte in self {
      guard let digit = hexadecimalDigit(byte), digit < 10 else { return nil }
      let (tenfold, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, carry) = tenfold.addingReportingOverflow(digit)
      if overflow || carry { return nil }
      value = sum
    }
    return isEmpty ? nil : value
  }

  /// A hexadecimal number: digits only, of either case; nil if it exceeds 64 bits.
  var hexadecimal: UInt64? {
    var value: UInt64 = 0
    for byte in self {
      guard let digit = hexadecimalDigit(byte), value >> 60 == 0 else { return nil }
      value = value << 4 | digit
    }
    return isEmpty ? nil : value
  }

  /// Six groups of one or two hexadecimal digits between colons.
  var hardwareAddress: MACAddress? {
    var octets = Octets()
    guard octets.read(self), octets.count == 6 else { return nil }
    return MACAddress(low48Bits: octets.tail)
  }
}

/// Bytes written in hexadecimal between colons, with or without leading zeros; no array is made.
struct Octets {
  /// How many there were.
  private(set) var count = 0
  /// The last eight of them.
  private(set) var tail: UInt64 = 0
  /// The fifth to the eighth, where a DUID has its type.
  private(set) var middle: UInt32 = 0

  /// Reads them all.
  ///
  /// - Returns: false if the text is anything else.
  mutating func read(_ text: ByteSlice) -> Bool {
    var value: UInt64 = 0
    var digits = 0
    // A slice is slower, and this runs for every record.
    for byte in UnsafeRawBufferPointer(rebasing: text) {
      if let digit = hexadecimalDigit(byte), digits < 2 {
        value = value << 4 | digit
        digits += 1
      } else if byte == UInt8(ascii: ":"), digits > 0 {
        add(value)
        (value, digits) = (0, 0)
      } else {
        return false
      }
    }
    if digits > 0 { add(value) }
    return digits > 0
  }

  private mutating func add(_ value: UInt64) {
    if (4..<8).contains(count) { middle = middle << 8 | UInt32(value) }
    tail = tail << 8 | value
    count += 1
  }
}

private func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

/// The value of a hexadecimal digit, of either case.
func hexadecimalDigit(_ byte: UInt8) -> UInt64? {
  switch byte {
  case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(byte - UInt8(ascii: "0"))
  case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt64(byte - UInt8(ascii: "a") + 10)
  case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt64(byte - UInt8(ascii: "A") + 10)
  default: nil
  }
}

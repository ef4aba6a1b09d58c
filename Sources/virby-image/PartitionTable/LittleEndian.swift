extension [UInt8] {
  /// The little-endian number at an offset.
  func number<Number: FixedWidthInteger & UnsignedInteger>(
    at offset: Int, as type: Number.Type = Number.self
  ) -> Number {
    let bytes = self[offset..<offset + Number.bitWidth / 8]
    return bytes.reversed().reduce(0) { $0 << 8 | Number($1) }
  }

  /// Puts a little-endian number at an offset.
  mutating func set<Number: FixedWidthInteger & UnsignedInteger>(_ number: Number, at offset: Int) {
    for index in 0..<Number.bitWidth / 8 {
      self[offset + index] = UInt8(truncatingIfNeeded: number >> (8 * index))
    }
  }
}

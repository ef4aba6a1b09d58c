/// A GUID as GPT stores it: the first three fields little-endian, the rest as written.
struct GUID: Equatable {
  private let bytes: [UInt8]

  /// The sixteen bytes at an offset.
  init(_ bytes: [UInt8], at offset: Int) {
    self.bytes = Array(bytes[offset..<offset + 16])
  }

  /// All zero: the type of an entry that is not used.
  var isZero: Bool { bytes.allSatisfy { $0 == 0 } }
}

extension GUID: CustomStringConvertible {
  /// Upper-case digits and hyphens, as in the UEFI specification.
  var description: String {
    let groups = [[3, 2, 1, 0], [5, 4], [7, 6], [8, 9], Array(10..<16)]
    return groups.map { group in
      group.map { index in
        let digits = String(bytes[index], radix: 16, uppercase: true)
        return digits.count == 1 ? "0" + digits : digits
      }.joined()
    }.joined(separator: "-")
  }
}

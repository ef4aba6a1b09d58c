import VirbyKit

extension ByteSize {
  /// The size for people, with one decimal, in the unit that fits: `1.7 GiB`.
  var rounded: String {
    for (shift, name) in Self.shifts where bytes >> shift > 0 {
      let rest = bytes & ((1 << shift) - 1)
      return "\(bytes >> shift).\((rest * 10) >> shift) \(name)"
    }
    return "\(bytes) B"
  }

  // Not in the loop, which Swift 6.3 compiles to other code each time.
  private static let shifts: [(Int64, String)] = [
    (40, "TiB"), (30, "GiB"), (20, "MiB"), (10, "KiB"),
  ]
}

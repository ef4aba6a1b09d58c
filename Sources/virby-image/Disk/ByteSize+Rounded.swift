import VirbyKit

extension ByteSize {
  /// The size for people, with one decimal, in the unit that fits: `1.7 GiB`.
  var rounded: String {
    for (shift, name) in [(40, "TiB"), (30, "GiB"), (20, "MiB"), (10, "KiB")] as [(Int64, String)]
    where bytes >> shift > 0 {
      let rest = bytes & ((1 << shift) - 1)
      return "\(bytes >> shift).\((rest * 10) >> shift) \(name)"
    }
    return "\(bytes) B"
  }
}

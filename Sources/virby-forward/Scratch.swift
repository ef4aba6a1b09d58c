/// The buffer that all directions of all connections share: bytes pass through it within one turn.
final class Scratch {
  /// The cheapest size in CPU time a byte that is not needlessly large.
  static let size = 256 << 10

  let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 4096)

  deinit { bytes.deallocate() }
}

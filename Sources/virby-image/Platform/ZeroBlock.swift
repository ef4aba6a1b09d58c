#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// What can be a hole.
enum ZeroBlock {
  /// The block of ext4, XFS, btrfs and APFS: no smaller run of zeros can be a hole.
  static let size = 4096
}

extension UnsafeRawBufferPointer {
  /// Whether the block at an offset, or what there is of it, is zero, by memcmp(3).
  func isZeroBlock(at offset: Int) -> Bool {
    guard let start = baseAddress?.advanced(by: offset), self[offset] == 0 else { return false }
    // A block equals itself shifted by one byte if all its bytes are the same.
    return memcmp(start, start + 1, Swift.min(ZeroBlock.size, count - offset) - 1) == 0
  }
}

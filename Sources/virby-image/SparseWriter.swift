import VirbyKit

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// Writes an empty file from start to end and leaves holes where the bytes are zero.
struct SparseWriter {
  /// Where the next byte goes, in bytes from the start.
  private(set) var end: Int64 = 0
  /// How many bytes were really written.
  private(set) var written: Int64 = 0
  private let descriptor: Descriptor
  private let action: String

  // The block of ext4, XFS, btrfs and APFS: no smaller run of zeros can be a hole.
  private static let block = 4096

  /// Writes to a descriptor; `action` is what cannot be done if that fails.
  init(_ descriptor: Descriptor, action: String) {
    self.descriptor = descriptor
    self.action = action
  }

  /// Writes the blocks that are not zero, neighbours with one call.
  mutating func append(_ bytes: UnsafeRawBufferPointer) throws(Failure) {
    var index = 0
    while index < bytes.count {
      var stop = index
      while stop < bytes.count, !Self.isZero(bytes, at: stop) { stop += Self.block }
      stop = min(stop, bytes.count)
      if stop > index {
        let run = UnsafeRawBufferPointer(rebasing: bytes[index..<stop])
        try descriptor.write(run, at: end + Int64(index), orFail: action)
        written += Int64(run.count)
      }
      index = stop
      while index < bytes.count, Self.isZero(bytes, at: index) { index += Self.block }
    }
    end += Int64(bytes.count)
  }

  /// Leaves a hole up to there.
  mutating func skip(to offset: Int64) { end = offset }

  /// Gives the file its size, for it may end with a hole.
  func finish() throws(Failure) {
    while ftruncate(descriptor.raw, off_t(end)) != 0 {
      if errno != EINTR { throw .system(action) }
    }
  }

  private static func isZero(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> Bool {
    guard let start = bytes.baseAddress?.advanced(by: offset), bytes[offset] == 0 else {
      return false
    }
    // A block equals itself shifted by one byte if all its bytes are the same.
    return memcmp(start, start + 1, min(block, bytes.count - offset) - 1) == 0
  }
}

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// A part of a buffer of bytes, with the buffer's own indices.
typealias ByteSlice = Slice<UnsafeRawBufferPointer>

extension ByteSlice {
  /// Where a byte stands first, by memchr(3): it looks at 32 bytes at a time, Swift's own algorithm at each.
  func position(of byte: UInt8) -> Int? {
    guard let start = UnsafeRawBufferPointer(rebasing: self).baseAddress,
      let found = memchr(start, Int32(byte), count)
    else { return nil }
    return startIndex + (UnsafeRawPointer(found) - start)
  }
}

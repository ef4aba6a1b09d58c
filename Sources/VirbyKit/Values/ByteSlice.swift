import CVirby

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// A part of a buffer of bytes, with the buffer's own indices.
public typealias ByteSlice = Slice<UnsafeRawBufferPointer>

// The C library looks at 32 bytes at a time; Swift's own algorithms look at each.
extension ByteSlice {
  /// Where a byte stands first, by memchr(3).
  @inlinable public func position(of byte: UInt8) -> Int? {
    guard let start = UnsafeRawBufferPointer(rebasing: self).baseAddress,
      let found = memchr(start, Int32(byte), count)
    else { return nil }
    return startIndex + (UnsafeRawPointer(found) - start)
  }

  /// Where a text begins first, by memmem(3).
  public func position(of text: [UInt8]) -> Int? {
    guard let start = UnsafeRawBufferPointer(rebasing: self).baseAddress,
      let found = cvirby_memmem(start, count, text, text.count)
    else { return nil }
    return startIndex + (UnsafeRawPointer(found) - start)
  }
}

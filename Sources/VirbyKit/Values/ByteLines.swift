#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// A part of a buffer of bytes, with the buffer's own indices.
public typealias ByteSlice = Slice<UnsafeRawBufferPointer>

/// The lines of a buffer, without their LF; a last line that lacks it is a line too.
///
/// LF alone ends a line. Swift's Character knows more line ends than that, and takes CR LF for a
/// third, so text that a stranger chose could make lines of its own. memchr(3) finds the ends.
public struct ByteLines: Sequence, IteratorProtocol {
  private var rest: ByteSlice

  /// The lines of a buffer that outlives this.
  public init(_ buffer: UnsafeRawBufferPointer) {
    rest = buffer[...]
  }

  /// The next line.
  public mutating func next() -> ByteSlice? {
    guard let start = UnsafeRawBufferPointer(rebasing: rest).baseAddress, !rest.isEmpty else {
      return nil
    }
    guard let end = memchr(start, 0x0a, rest.count) else {
      defer { rest = rest.base[rest.endIndex..<rest.endIndex] }
      return rest
    }
    let index = rest.startIndex + (UnsafeRawPointer(end) - start)
    defer { rest = rest.base[(index + 1)..<rest.endIndex] }
    return rest.base[rest.startIndex..<index]
  }
}

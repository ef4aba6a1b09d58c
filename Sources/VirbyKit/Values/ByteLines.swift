/// The lines of a buffer, without their LF; a last line that lacks it is a line too.
///
/// LF alone ends a line. Swift's Character knows more line ends than that, and takes CR LF for a
/// third, so text that a stranger chose could make lines of its own.
public struct ByteLines: Sequence, IteratorProtocol {
  /// What follows the lines that were taken.
  public private(set) var rest: ByteSlice

  /// The lines of a buffer that outlives this.
  public init(_ buffer: UnsafeRawBufferPointer) { self.init(buffer[...]) }

  /// The lines of a part of one.
  public init(_ bytes: ByteSlice) { rest = bytes }

  /// The next line.
  public mutating func next() -> ByteSlice? {
    if rest.isEmpty { return nil }
    let end = rest.position(of: 0x0a) ?? rest.endIndex
    defer { rest = rest[Swift.min(end + 1, rest.endIndex)...] }
    return rest[..<end]
  }
}

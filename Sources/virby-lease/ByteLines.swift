/// The lines of a buffer, without their LF; a last line that lacks it is a line too.
///
/// LF alone ends a line. Swift's Character knows more line ends than that, and takes CR LF for a
/// third, so text that a stranger chose could make lines of its own.
struct ByteLines: Sequence, IteratorProtocol {
  private var rest: ByteSlice

  /// The lines of a buffer that outlives this.
  init(_ buffer: UnsafeRawBufferPointer) { rest = buffer[...] }

  /// The next line.
  mutating func next() -> ByteSlice? {
    if rest.isEmpty { return nil }
    let end = rest.position(of: 0x0a) ?? rest.endIndex
    defer { rest = rest[Swift.min(end + 1, rest.endIndex)...] }
    return rest[..<end]
  }
}

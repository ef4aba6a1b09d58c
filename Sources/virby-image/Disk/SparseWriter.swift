import VirbyKit

/// Writes an empty file from start to end and leaves holes where the bytes are zero.
struct SparseWriter {
  /// Where the next byte goes, in bytes from the start.
  private(set) var end: Int64 = 0
  /// How many bytes were really written.
  private(set) var written: Int64 = 0
  private var begun: Int64 = 0
  private let descriptor: Descriptor
  private let action: String

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
      while stop < bytes.count, !bytes.isZeroBlock(at: stop) { stop += ZeroBlock.size }
      stop = min(stop, bytes.count)
      if stop > index {
        let run = UnsafeRawBufferPointer(rebasing: bytes[index..<stop])
        try descriptor.write(run, at: end + Int64(index), orFail: action)
        written += Int64(run.count)
      }
      index = stop
      while index < bytes.count, bytes.isZeroBlock(at: index) { index += ZeroBlock.size }
    }
    end += Int64(bytes.count)
    if end - begun >= Self.stride {
      descriptor.beginWriting(begun..<end)
      begun = end
    }
  }

  // The disk writes while the next part is read.
  private static let stride: Int64 = 16 << 20

  /// Leaves a hole up to there.
  mutating func skip(to offset: Int64) { end = offset }

  /// Gives the file its size, for it may end with a hole.
  func finish() throws(Failure) {
    try descriptor.resize(to: end, orFail: action)
  }
}

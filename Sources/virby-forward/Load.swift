import VirbyKit

/// The bytes of one direction that have been read and not written, because the writer is blocked: a pipe's or
/// a buffer's worth at most.
struct Load {
  /// The bytes that have been written.
  private(set) var count: UInt64 = 0
  /// Why no more can be written, an `errno`; 0 if nothing is wrong.
  private(set) var failure: Int32 = 0
  /// Whether the latest read found much.
  var isBulk = false
  /// Holds them, if they were spliced.
  var pipe: SplicePipe?
  private var waiting: ArraySlice<UInt8> = []

  /// Whether nothing waits.
  var isEmpty: Bool { pipe == nil && waiting.isEmpty }

  /// Writes what waits.
  ///
  /// - Returns: Whether nothing is left.
  mutating func unload(to sink: Leg) -> Bool {
    while let pipe, sink.mayWrite {
      guard note(sink.drain(pipe)) > 0 else { return false }
      if pipe.count == 0 { self.pipe = nil }
    }
    if isEmpty { return true }
    guard sink.mayWrite else { return false }
    let bytes = waiting
    waiting = []
    bytes.withUnsafeBytes { write($0, to: sink) }
    return isEmpty && failure == 0
  }

  /// Writes bytes; those that the sink does not take wait, copied.
  mutating func write(_ bytes: UnsafeRawBufferPointer, to sink: Leg) {
    var rest = bytes
    while !rest.isEmpty {
      let written = note(sink.send(rest))
      if written == 0 { break }
      rest = UnsafeRawBufferPointer(rebasing: rest[written...])
    }
    if !rest.isEmpty { waiting = Array(rest)[...] }
  }

  private mutating func note(_ transfer: Socket.Transfer) -> Int {
    switch transfer {
    case .moved(let length):
      count += UInt64(length)
      return length
    case .failed(let code):
      failure = code
      pipe = nil
      waiting = []
      return 0
    case .blocked, .end:
      return 0
    }
  }
}

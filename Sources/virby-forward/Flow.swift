import VirbyKit

/// One direction of a connection: what is read from one leg is written to the other.
///
/// Bytes wait here only while the writer is blocked; then nothing more is read, and the sender's own
/// socket fills up. So a direction holds at most one scratch buffer's worth.
struct Flow {
  /// How far the direction has come.
  enum State: Equatable {
    /// More bytes may come.
    case open
    /// The source has ended; bytes may be waiting.
    case ending
    /// Everything has been written, and the end passed on.
    case ended
    /// One of the legs is broken: an `errno`.
    case broken(Int32)
  }

  /// Why `move` returned.
  enum Pause: Equatable {
    /// Nothing more can be done until a leg is ready again, or ever.
    case waiting
    /// The turn is over; there may be more at once.
    case turnOver
  }

  /// A turn is so many buffers long: a fast connection must not keep the others waiting.
  private static let buffersPerTurn = 4

  /// The bytes that have been written to the other leg.
  private(set) var count: UInt64 = 0
  private(set) var state = State.open
  private var waiting: ArraySlice<UInt8> = []

  /// Whether one of the legs has failed.
  var isBroken: Bool {
    if case .broken = state { true } else { false }
  }

  /// Moves what can be moved without waiting.
  mutating func move(from source: Leg, to sink: Leg, through scratch: Scratch) -> Pause {
    var buffers = 0
    while true {
      guard flush(to: sink) else { return .waiting }
      if state == .ending {
        sink.socket.finishWriting()
        state = .ended
      }
      guard state == .open, source.mayRead else { return .waiting }
      if buffers == Self.buffersPerTurn { return .turnOver }
      buffers += 1
      switch source.receive(into: scratch.bytes) {
      case .moved(let length):
        let bytes = UnsafeRawBufferPointer(rebasing: scratch.bytes[..<length])
        let written = write(bytes, to: sink)
        if written < length { waiting = Array(bytes[written...])[...] }
      case .end: state = .ending
      case .blocked: return .waiting
      case .failed(let code): state = .broken(code)
      }
    }
  }

  /// Writes the waiting bytes; true if none are left.
  private mutating func flush(to sink: Leg) -> Bool {
    if waiting.isEmpty { return true }
    guard sink.mayWrite else { return false }
    let bytes = waiting
    let written = bytes.withUnsafeBytes { write($0, to: sink) }
    waiting = written < bytes.count ? bytes.dropFirst(written) : []
    return waiting.isEmpty
  }

  /// Writes until the sink takes no more; returns how much it took.
  private mutating func write(_ bytes: UnsafeRawBufferPointer, to sink: Leg) -> Int {
    var written = 0
    defer { count += UInt64(written) }
    while written < bytes.count {
      switch sink.send(UnsafeRawBufferPointer(rebasing: bytes[written...])) {
      case .moved(let length):
        written += length
      case .blocked, .end:
        return written
      case .failed(let code):
        state = .broken(code)
        return written
      }
    }
    return written
  }
}

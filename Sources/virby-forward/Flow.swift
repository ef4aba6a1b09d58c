/// One direction of a connection: what is read from one leg is written to the other.
///
/// Bytes wait here only while the writer is blocked; then nothing more is read, and the sender's own socket
/// fills up.
struct Flow {
  /// How far the direction has come.
  enum State {
    /// More bytes may come.
    case open
    /// The source has ended; bytes may be waiting.
    case ending
    /// Everything has been written, and the end passed on.
    case ended
    /// One of the legs has failed.
    case broken
  }

  /// Why `move` returned.
  enum Pause {
    /// Nothing more can be done until a leg is ready again, or ever.
    case waiting
    /// The turn is over; there may be more at once.
    case turnOver
  }

  /// A turn is so many reads long: a fast connection must not keep the others waiting.
  private static let readsPerTurn = 4

  private(set) var state = State.open
  private var load = Load()

  /// The bytes that have been written to the other leg.
  var count: UInt64 { load.count }

  /// Whether nothing that has been read waits to be written.
  var isEmpty: Bool { load.isEmpty }

  /// Moves what can be moved without waiting.
  mutating func move(from source: Leg, to sink: Leg, by carrier: Carrier) -> Pause {
    var reads = 0
    while true {
      if !load.isEmpty && !load.unload(to: sink) && load.failure == 0 { return .waiting }
      if load.failure != 0 { state = .broken }
      if state == .ending {
        sink.socket.finishWriting()
        state = .ended
      }
      guard state == .open, source.mayRead else { return .waiting }
      if reads == Self.readsPerTurn { return .turnOver }
      reads += 1
      switch carrier.carry(&load, from: source, to: sink) {
      case .moved, .blocked: break
      case .end: state = .ending
      case .failed: state = .broken
      }
    }
  }
}

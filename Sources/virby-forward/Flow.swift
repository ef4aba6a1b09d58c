import VirbyKit

/// One direction of a connection: what is read from one leg is written to the other.
///
/// A little is copied; once there is much, it is spliced through a pipe, if one is to be had. Bytes wait
/// here only while the writer is blocked; then nothing more is read, and the sender's own socket fills
/// up. So a direction holds at most one pipe's or one scratch buffer's worth.
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

  /// A turn is so many reads long: a fast connection must not keep the others waiting.
  private static let readsPerTurn = 4
  /// So many bytes at once are much: two splices cost more than copying less.
  private static let much = 16 << 10

  /// The bytes that have been written to the other leg.
  private(set) var count: UInt64 = 0
  private(set) var state = State.open
  private var waiting: ArraySlice<UInt8> = []
  private var pipe: SplicePipe?
  private var isBulk = false

  /// Whether one of the legs has failed.
  var isBroken: Bool {
    if case .broken = state { true } else { false }
  }

  /// Moves what can be moved without waiting.
  mutating func move(from source: Leg, to sink: Leg, through scratch: Scratch) -> Pause {
    var reads = 0
    while true {
      guard flush(to: sink) else { return .waiting }
      if state == .ending {
        sink.socket.finishWriting()
        state = .ended
      }
      guard state == .open, source.mayRead else { return .waiting }
      if reads == Self.readsPerTurn { return .turnOver }
      reads += 1
      if !splice(from: source, through: scratch) {
        copy(from: source, to: sink, through: scratch)
      }
    }
  }

  /// Fills a pipe, if that is worth while.
  ///
  /// - Returns: Whether anything came of it.
  private mutating func splice(from source: Leg, through scratch: Scratch) -> Bool {
    guard isBulk, let pipe = scratch.pipe() else { return false }
    switch pipe.fill(from: source.socket) {
    case .moved(let length):
      self.pipe = pipe
      isBulk = length >= Self.much
    // The end, and that there is nothing more, is for a read to say.
    case .end, .blocked, .failed(EINVAL):
      return false
    case .failed(let code):
      state = .broken(code)
    }
    return true
  }

  /// Reads once and writes as much of it as goes; the rest waits.
  private mutating func copy(from source: Leg, to sink: Leg, through scratch: Scratch) {
    let most = scratch.splices && !isBulk ? Self.much : scratch.bytes.count
    switch source.receive(into: UnsafeMutableRawBufferPointer(rebasing: scratch.bytes[..<most])) {
    case .moved(let length):
      isBulk = length >= Self.much
      let bytes = UnsafeRawBufferPointer(rebasing: scratch.bytes[..<length])
      let written = write(bytes, to: sink)
      if written < length { waiting = Array(bytes[written...])[...] }
    case .end: state = .ending
    case .blocked: break
    case .failed(let code): state = .broken(code)
    }
  }

  /// Writes what waits; true if nothing is left.
  private mutating func flush(to sink: Leg) -> Bool {
    while let pipe {
      guard sink.mayWrite else { return false }
      switch sink.drain(pipe) {
      case .moved(let length):
        count += UInt64(length)
        if pipe.count == 0 { self.pipe = nil }
      case .blocked, .end:
        return false
      case .failed(let code):
        state = .broken(code)
        self.pipe = nil
        return false
      }
    }
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

import VirbyKit

/// Lines from a socket, waited for no longer than a deadline.
struct LineReader {
  private let socket: Socket
  private var buffer: [UInt8] = []
  /// Whether the peer is gone.
  private(set) var isAtEnd = false

  init(_ socket: Socket) {
    self.socket = socket
  }

  /// The next line without its LF, or nil if there is none before the deadline or ever.
  ///
  /// - Throws: 71.
  mutating func next(until deadline: ContinuousClock.Instant) throws(Failure) -> [UInt8]? {
    while true {
      if let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
        defer { buffer.removeSubrange(...end) }
        return Array(buffer[..<end])
      }
      if isAtEnd { return nil }
      if try poll([.read(socket.descriptor.raw)], until: deadline)[0] {
        take()
      } else if deadline <= .now {
        return nil
      }
    }
  }

  private mutating func take() {
    var chunk = [UInt8](repeating: 0, count: 8192)
    switch chunk.withUnsafeMutableBytes(socket.receive(into:)) {
    case .moved(let count): buffer += chunk[..<count]
    case .end, .failed: isAtEnd = true
    case .blocked: break
    }
  }
}

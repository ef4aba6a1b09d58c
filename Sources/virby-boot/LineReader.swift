import VirbyKit

/// Lines from a socket, waited for no longer than a deadline.
struct LineReader {
  private let socket: Descriptor
  private var buffer: [UInt8] = []
  /// Whether the peer is gone.
  private(set) var isAtEnd = false

  init(_ socket: Descriptor) {
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
      guard try poll([.read(socket.raw)], until: deadline)[0] else {
        if deadline <= .now { return nil }
        continue
      }
      let chunk = try socket.readSome(65536)
      isAtEnd = chunk.isEmpty
      buffer += chunk
    }
  }
}

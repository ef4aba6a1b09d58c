import VirbyKit

/// Lines from a socket, as they come.
struct LineReader {
  private let socket: Socket
  private var buffer: [UInt8] = []
  /// Whether the peer is gone.
  private(set) var isAtEnd = false

  /// The longest line; a peer that sends a longer one is taken for gone.
  private static let limit = 1 << 20

  init(_ socket: Socket) {
    self.socket = socket
  }

  /// The next complete line without its LF, or nil if there is none yet.
  mutating func next() -> [UInt8]? {
    while true {
      if let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
        defer { buffer.removeSubrange(...end) }
        return Array(buffer[..<end])
      }
      if isAtEnd || !take() { return nil }
    }
  }

  private mutating func take() -> Bool {
    var chunk = [UInt8](repeating: 0, count: 8192)
    switch chunk.withUnsafeMutableBytes(socket.receive(into:)) {
    case .moved(let count): buffer += chunk[..<count]
    case .end, .failed: isAtEnd = true
    case .blocked: return false
    }
    if buffer.count > Self.limit { isAtEnd = true }
    return !isAtEnd
  }
}

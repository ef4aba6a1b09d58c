#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// One line that was read: the event, and the bytes that a filter passes on unchanged.
public struct EventLine: Sendable {
  /// What the line says.
  public let event: Event
  /// The line as it came, with its LF.
  public let bytes: [UInt8]
  /// Which line of the input it is; the first one is 1.
  public let number: Int
}

/// Event lines from a descriptor, a read(2) at a time.
public struct EventReader {
  /// The descriptor to watch; -1 once the input has ended.
  public private(set) var descriptor: Int32
  private var buffer: [UInt8] = []
  private var number = 0
  // Of a line that is too long, what has not been read yet.
  private var isSkipping = false

  /// Reads from a descriptor, by default stdin.
  public init(_ descriptor: Int32 = STDIN_FILENO) {
    self.descriptor = descriptor
  }

  /// Whether the writer is gone and every line has been taken.
  public var isAtEnd: Bool { descriptor < 0 && buffer.isEmpty }

  /// Takes what there is with one read(2); blocks if there is nothing.
  ///
  /// - Throws: 71.
  public mutating func fill() throws(Failure) {
    var chunk = [UInt8](repeating: 0, count: 8192)
    let count = read(descriptor, &chunk, chunk.count)
    if count > 0 {
      buffer += chunk[..<count]
    } else if count == 0 {
      descriptor = -1
      // A last line without LF is a line, as for any Unix tool.
      if let last = buffer.last, last != newline { buffer.append(newline) }
    } else if errno != EINTR && errno != EAGAIN {
      throw .system("cannot read events from stdin")
    }
  }

  /// The next complete line that has been read, or nil.
  ///
  /// - Throws: 65 with the line's number; the next call goes on behind that line.
  public mutating func next() throws(Failure) -> EventLine? {
    if isSkipping { skip() }
    guard let end = buffer.firstIndex(of: newline) else {
      if buffer.count < Event.maximumLength { return nil }
      number += 1
      isSkipping = true
      throw Failure(.malformed, "line \(number): longer than \(Event.maximumLength) bytes")
    }
    number += 1
    let bytes = Array(buffer[...end])
    buffer.removeSubrange(...end)
    do throws(Event.Malformed) {
      return EventLine(event: try Event(line: bytes.dropLast()), bytes: bytes, number: number)
    } catch {
      throw Failure(.malformed, "line \(number): \(error.reason)")
    }
  }

  private mutating func skip() {
    let end = buffer.firstIndex(of: newline)
    isSkipping = end == nil
    if let end { buffer.removeSubrange(...end) } else { buffer.removeAll() }
  }
}

private let newline = UInt8(ascii: "\n")

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// Event lines to a descriptor, one write(2) a line.
public struct EventWriter {
  private let descriptor: Int32
  /// Whether a write found that nobody reads any more.
  public private(set) var isHungUp = false

  /// Writes to a descriptor, by default stdout.
  public init(_ descriptor: Int32 = STDOUT_FILENO) {
    self.descriptor = descriptor
  }

  /// Tells an event.
  ///
  /// A reader that is gone is no error: the hangup is noted, and the line dropped.
  ///
  /// - Throws: 70 if the line would be too long, 71 if the write fails.
  public mutating func write(_ event: Event) throws(Failure) {
    guard let line = event.line else {
      throw Failure(.bug, "event '\(event.verb)' is longer than \(Event.maximumLength) bytes")
    }
    try write(line)
  }

  /// Passes a line on as it came.
  ///
  /// - Throws: 71.
  public mutating func pass(_ line: EventLine) throws(Failure) {
    try write(line.bytes)
  }

  private mutating func write(_ bytes: [UInt8]) throws(Failure) {
    let code = writeAll(bytes, to: descriptor)
    if code == EPIPE {
      isHungUp = true
    } else if code != 0 {
      throw .system("cannot write events to stdout", code)
    }
  }
}

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// A signal, by its number in signal(7).
public struct Signal: RawRepresentable, Hashable, Sendable {
  /// The number.
  public let rawValue: Int32

  /// The signal that has that number.
  public init(rawValue: Int32) { self.rawValue = rawValue }

  /// SIGCHLD: a child has ended.
  public static let child = Signal(rawValue: SIGCHLD)
  /// SIGTERM: stop.
  public static let terminate = Signal(rawValue: SIGTERM)
  /// SIGKILL: the end, which cannot be refused.
  public static let kill = Signal(rawValue: SIGKILL)

  /// Sends it to a process group with kill(2).
  ///
  /// - Parameter group: The group's number; 0 is the group of this process.
  /// - Returns: 0, or the `errno` of the call.
  @discardableResult
  public func send(toGroup group: Int32) -> Int32 {
    systemKill(-group, rawValue) == 0 ? 0 : errno
  }
}

// Inside Signal the name `kill` is its own.
private func systemKill(_ pid: pid_t, _ number: Int32) -> Int32 {
  kill(pid, number)
}

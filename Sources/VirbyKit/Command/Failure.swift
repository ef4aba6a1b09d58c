#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// Why a command cannot do what it was asked: one line for a person, one status for a script.
///
/// A message says what could not be done, names its subject in single quotes and ends with the
/// reason. It is lower case and has no full stop.
public struct Failure: Error, Equatable, Sendable {
  /// The status that the process ends with.
  public let status: ExitStatus
  /// One line, without the command's name.
  public let message: String
  /// One remedy, if there is one.
  public let hint: String?

  /// A failure with its status.
  public init(_ status: ExitStatus, _ message: String, hint: String? = nil) {
    self.status = status
    self.message = message
    self.hint = hint
  }

  /// A system call that failed: "`action`: reason", status 71.
  ///
  /// - Parameters:
  ///   - action: What could not be done, with its subject in quotes: `cannot open 'disk.img'`.
  ///   - code: The `errno` of the call; by default that of the latest call.
  public static func system(
    _ action: String, _ code: Int32 = errno, hint: String? = nil
  ) -> Failure {
    Failure(.system, "\(action): \(reason(code))", hint: hint)
  }

  /// The text of an `errno`, by strerror(3).
  public static func reason(_ code: Int32) -> String {
    String(cString: strerror(code))
  }
}

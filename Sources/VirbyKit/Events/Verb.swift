/// The verbs of event lines and their keys: virby-events(5) in code, held against that page by a test.
///
/// Verbs and keys are only ever added.
public enum Verb: String, CaseIterable, Sendable {
  /// virby-boot has started the driver.
  case starting
  /// virby-boot: the guest is running.
  case running
  /// virby-lease has found the guest's address.
  case lease
  /// virby-forward accepts, or will once the guest is known.
  case listening
  /// virby-forward: the server in the guest has answered for the first time.
  case ready
  /// virby-forward: a client's connection is open.
  case open
  /// virby-forward: a client's connection is closed.
  case close
  /// virby-idle: the first connection is open, or the guest says that it is busy.
  case busy
  /// virby-idle: no connection has been open for that long.
  case idle
  /// virby-boot: the guest is being stopped.
  case stopping
  /// virby-boot: the driver has ended.
  case stopped

  /// Keys without which the line is malformed.
  public var requiredKeys: [String] {
    switch self {
    case .starting: ["driver", "pid", "mac"]
    case .running: ["mac"]
    case .lease: ["mac", "address"]
    case .listening, .ready: ["at"]
    case .open, .close: ["id", "active"]
    case .busy: []
    case .idle: ["for"]
    case .stopping: ["why"]
    case .stopped: ["how", "status"]
    }
  }

  /// Keys that may be there.
  public var optionalKeys: [String] {
    switch self {
    case .starting: ["console"]
    case .running: ["at"]
    case .lease: ["expires"]
    case .close: ["in", "out"]
    default: []
    }
  }
}

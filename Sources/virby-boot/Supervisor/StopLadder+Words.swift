import VirbyKit

/// How a step of the ladder is told.
extension StopLadder.Step: CustomStringConvertible {
  var description: String {
    switch self {
    case .ask: "asking the guest to power off"
    case .quit: "telling the driver to quit"
    case .terminate: "sending SIGTERM to the driver"
    case .kill: "sending SIGKILL to the driver"
    }
  }

  /// What `stopped how=` says of a driver that ended in this step, or in none.
  static func outcome(in step: Self?, of end: Child.End) -> String {
    switch (step, end) {
    case (_, .signalled), (.terminate, _), (.kill, _): "killed"
    case (nil, _): "guest"
    case (.ask, _): "asked"
    case (.quit, _): "forced"
    }
  }
}

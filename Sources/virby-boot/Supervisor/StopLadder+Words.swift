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
  ///
  /// - Parameters:
  ///   - ending: What the driver has said of an end with status 0.
  ///   - hadGuest: Whether the guest has run; if not, a driver that ends by itself has failed.
  static func outcome(
    in step: Self?, of end: Child.End, after ending: Ending, hadGuest: Bool = true
  ) -> String {
    switch (step, end, ending) {
    case (nil, .exited(0), .poweredOff) where !hadGuest,
      (nil, .exited(0), .unknown) where !hadGuest:
      "failed"
    case (_, .signalled, _), (.terminate, _, _), (.kill, _, _): "killed"
    case (.quit, _, _): "forced"
    case (_, .exited(0), .signalled): "killed"
    case (_, .exited(0), .quit): "forced"
    case (nil, .exited(0), _): "guest"
    case (.ask, .exited(0), _): "asked"
    default: "failed"
    }
  }
}

import VirbyKit

extension IdleWatch {
  typealias Instant = ContinuousClock.Instant

  /// What is waited for, since when, and for how long yet.
  func report(at now: Instant) -> String {
    if let errand { return report(errand, at: now) }
    let since = (now - clock.since).spoken
    switch clock.guest {
    case .starting: return "the guest has been starting for \(since)"
    case .stopping: return "the guest has been stopping for \(since)"
    case .up: break
    }
    guard let deadline = clock.deadline else {
      let connections = clock.active == 1 ? "1 connection" : "\(clock.active) connections"
      return "\(connections) open, without a break for \(since)"
    }
    let time = (deadline - now).spoken
    let end = "\(closingCommand.isEmpty ? "idle" : "closing") in \(time)"
    let next =
      if busyCommand == nil {
        end
      } else if !clock.mayStartOver {
        "\(end), busy or not"
      } else {
        "asking whether the guest is busy in \(time)"
          + (clock.left.map { ", which gains it \($0.spoken) at most" } ?? "")
      }
    return "nothing has been open for \(since); \(next)"
  }

  private func report(_ errand: Errand, at now: Instant) -> String {
    let command =
      switch errand.purpose {
      case .asking: "the command of '--busy'"
      case .closing: "the closing command"
      }
    let end =
      errand.wasTold
      ? "was told to stop and is killed"
      : "has run for \((now - errand.start).spoken) and is stopped"
    return "\(command) \(end) in \((errand.deadline - now).spoken)"
  }
}

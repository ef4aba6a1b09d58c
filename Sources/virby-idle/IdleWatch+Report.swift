import VirbyKit

extension IdleWatch {
  typealias Instant = ContinuousClock.Instant

  /// What is waited for, since when, and how much longer.
  func report(at now: Instant) -> String {
    if let errand { return report(errand, at: now) }
    let since = (now - clock.since).spoken
    switch clock.guest {
    case .starting: return "the guest has been starting for \(since)"
    case .stopping: return "the guest has been stopping for \(since)"
    case .up: break
    }
    guard let deadline = clock.deadline else {
      let open = connections.active == 1 ? "1 connection" : "\(connections.active) connections"
      return "\(open) open, without a break for \(since)"
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
          + (clock.left.map { ", which can keep it up for \($0.spoken) more" } ?? "")
      }
    return "nothing has been open for \(since); \(next)"
  }

  private func report(_ errand: Errand, at now: Instant) -> String {
    let command =
      switch errand.purpose {
      case .asking: "the '--busy' command"
      case .closing: "the closing command"
      }
    let end =
      errand.wasTold
      ? "was told to stop and will be killed"
      : "has run for \((now - errand.start).spoken) and will be stopped"
    return "\(command) \(end) in \((errand.deadline - now).spoken)"
  }
}

import VirbyKit

/// How far a driver has come, with what belongs to that.
enum Phase {
  /// On its way up: how long it may take, and what has come to nothing already.
  case starting(until: ContinuousClock.Instant, trouble: Failure?)
  /// The guest runs.
  case running
  /// On its way down.
  case stopping(Descent)
  /// Gone; with what it was before.
  case ended(Child.End, after: Before)

  /// What a driver was doing when it ended.
  enum Before {
    case starting, running
    case stopping(Descent)
  }

  /// When something is to be done though nothing has happened.
  var deadline: ContinuousClock.Instant? {
    switch self {
    case .starting(let end, _): end
    case .stopping(let descent): descent.deadline
    case .running, .ended: nil
    }
  }

  /// The phase of a driver that has now ended.
  func ended(_ end: Child.End) -> Phase {
    switch self {
    case .starting: .ended(end, after: .starting)
    case .running: .ended(end, after: .running)
    case .stopping(let descent): .ended(end, after: .stopping(descent))
    case .ended: self
    }
  }
}

extension Phase.Before {
  /// Whether the guest has run.
  var hadGuest: Bool {
    switch self {
    case .starting: false
    case .running: true
    case .stopping(let descent): descent.hasRun
    }
  }

  /// The step of the ladder that was being taken.
  var step: StopLadder.Step? {
    if case .stopping(let descent) = self { descent.step } else { nil }
  }
}

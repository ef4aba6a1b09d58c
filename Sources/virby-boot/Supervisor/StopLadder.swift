/// The steps that end a machine, gentle ones first, each with its share of the time.
struct StopLadder {
  /// One way to end a machine.
  enum Step: CaseIterable {
    /// The guest is asked to power off.
    case ask
    /// The driver is told to quit.
    case quit
    /// The driver gets SIGTERM.
    case terminate
    /// The driver gets SIGKILL.
    case kill

    fileprivate var share: Double {
      switch self {
      case .ask: 0.75
      case .quit, .terminate: 0.1
      case .kill: 0.05
      }
    }
  }

  private var rest: [Step]
  private let end: ContinuousClock.Instant

  /// - Parameters:
  ///   - end: When the last step is over.
  ///   - hasControl: false leaves out what needs a control channel; the others share its time.
  init(until end: ContinuousClock.Instant, hasControl: Bool) {
    rest = hasControl ? Step.allCases : [.terminate, .kill]
    self.end = end
  }

  /// Takes all the steps after all. Call it before the first.
  mutating func gainControl() { rest = Step.allCases }

  /// The next step and its share of what is left of the time, or nil after the last.
  mutating func next(
    at now: ContinuousClock.Instant = .now
  ) -> (step: Step, time: Duration)? {
    guard let step = rest.first else { return nil }
    let weight = rest.reduce(0) { $0 + $1.share }
    rest.removeFirst()
    return (step, max(.zero, end - now) * (step.share / weight))
  }
}

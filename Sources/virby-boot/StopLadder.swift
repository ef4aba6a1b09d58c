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

    /// What `stopped how=` says if the machine ended during this step.
    var outcome: String {
      switch self {
      case .ask: "asked"
      case .quit: "forced"
      case .terminate, .kill: "killed"
      }
    }

    fileprivate var share: Double {
      switch self {
      case .ask: 0.75
      case .quit, .terminate: 0.1
      case .kill: 0.05
      }
    }
  }

  private var rest: [Step]
  private let total: Duration
  private let weight: Double

  /// - Parameters:
  ///   - total: The time for all steps together.
  ///   - hasControl: false leaves out what needs a control channel; the others share its time.
  init(total: Duration, hasControl: Bool) {
    rest = hasControl ? Step.allCases : [.terminate, .kill]
    weight = rest.reduce(0) { $0 + $1.share }
    self.total = total
  }

  /// The next step and its time, or nil after the last.
  mutating func next() -> (step: Step, time: Duration)? {
    guard !rest.isEmpty else { return nil }
    let step = rest.removeFirst()
    return (step, total * (step.share / weight))
  }
}

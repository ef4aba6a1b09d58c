import VirbyKit

/// A driver's process in the hands of whoever is to end it.
protocol DriverProcess {
  /// Sends it a signal.
  ///
  /// - Returns: 0 or the `errno` of kill(2).
  @discardableResult
  func send(_ signal: Signal) -> Int32
}

extension Child: DriverProcess {}

/// The way down of a driver: the ladder, a step at a time, as fast as its answers allow.
///
/// Nothing here waits: whoever holds the driver waits until `deadline`, or until there is news, and then calls `proceed`.
struct Descent {
  /// How long the guest may take to react to its power button before it is pressed again.
  private static let askInterval = Duration.seconds(3)
  /// How long a driver that was still coming up may take, for the guest cannot be asked before.
  private static let startGrace = Duration.seconds(3)
  /// How long what has just come to nothing may take to show as the driver's end.
  private static let moment = Duration.seconds(1)
  /// How long a machine may be in the state Stopping, in which it can be told nothing.
  private static let stoppingGrace = Duration.seconds(10)
  /// What vfkit's own stop takes after SIGTERM, and a little more.
  private static let signalGrace = Duration.seconds(7)
  private static let killGrace = Duration.seconds(5)

  let start = ContinuousClock.now
  private(set) var step: StopLadder.Step?
  /// Whether the guest has run.
  private(set) var hasRun: Bool
  private let process: any DriverProcess
  private let control: any Control
  private let announce: (StopLadder.Step, Duration) -> Void
  private var ladder: StopLadder
  private var stepEnd: ContinuousClock.Instant
  private var nextAsk: ContinuousClock.Instant?

  /// Begins; the first step is taken by `proceed`.
  ///
  /// - Parameters:
  ///   - isRunning: Whether the guest runs; if not, or if that is not known, the driver has a moment to come up.
  ///   - isGivenUp: Whether that moment would be lost on it.
  ///   - announce: Hears of each step, and what time it has, before it is taken.
  init(
    of process: any DriverProcess, by control: any Control, within limit: Duration,
    isRunning: Bool = false, isGivenUp: Bool = false,
    announce: @escaping (StopLadder.Step, Duration) -> Void
  ) {
    self.process = process
    self.control = control
    self.announce = announce
    hasRun = isRunning
    ladder = StopLadder(until: start + limit, hasControl: isRunning)
    stepEnd = isRunning || isGivenUp ? start : start + min(Self.startGrace, limit / 2)
  }

  /// When `proceed` has something to do.
  var deadline: ContinuousClock.Instant { min(stepEnd, nextAsk ?? stepEnd) }

  /// Does what is due.
  ///
  /// - Returns: false if the driver has survived all steps.
  @discardableResult
  mutating func proceed() -> Bool {
    if stepEnd <= .now { return climb() }
    if let nextAsk, nextAsk <= .now {
      // A guest that is still booting misses its button.
      self.nextAsk = .now + Self.askInterval
      control.powerDown()
    }
    return true
  }

  /// Takes account of what the driver has let know.
  mutating func heed(_ news: News) {
    switch news {
    case .running where step == nil && !hasRun:
      // It was to be stopped before it came up; now the guest can be asked.
      hasRun = true
      ladder.gainControl()
      stepEnd = .now
    case .trouble where step == nil || step == .quit || (step == .ask && !control.isOpen):
      // One that only does not answer may be slow, and the guest is then asked again.
      hurry(Self.moment)
    case .isDown where step == .ask: hurry(Self.moment)
    case .goesDown where step == .ask: hurry(Self.stoppingGrace)
    default: break
    }
  }

  /// Kills the driver.
  mutating func kill() { enter(.kill, for: Self.killGrace) }

  /// What has come to nothing, or is under way already, is not asked for again.
  private mutating func hurry(_ time: Duration) {
    stepEnd = min(stepEnd, .now + time)
    nextAsk = nil
  }

  private mutating func climb() -> Bool {
    guard step != .kill, let (next, time) = ladder.next() else { return false }
    switch next {
    case .quit where !control.canQuit: return climb()
    // Nothing has run, and a driver that has not finished starting can do nothing about the signal.
    case .terminate where control.isStarting: enter(next, for: min(time, Self.moment))
    case .terminate where !hasRun: enter(next, for: min(time, Self.signalGrace))
    // However little time is left: nothing survives it, but a busy host may be slow to say so.
    case .kill: enter(next, for: max(time, Self.killGrace))
    default: enter(next, for: time)
    }
    return true
  }

  private mutating func enter(_ step: StopLadder.Step, for time: Duration) {
    self.step = step
    stepEnd = .now + time
    nextAsk = step == .ask ? .now + Self.askInterval : nil
    announce(step, time)
    switch step {
    case .ask: control.powerDown()
    case .quit: control.quit()
    case .terminate: process.send(.terminate)
    case .kill: process.send(.kill)
    }
  }
}

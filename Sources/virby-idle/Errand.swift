import VirbyKit

/// A command that is run at the end of the TTL.
///
/// It is in a process group of its own, so that a stop reaches whatever it has started.
struct Errand {
  /// What it is run for.
  enum Purpose {
    /// To ask whether the guest is busy.
    case asking
    /// To put things in order before the VM stops.
    case closing
  }

  /// What is done if virby-idle is killed.
  private static let lastWill = "kill -TERM 0; sleep 10; kill -KILL 0"
  /// How long a command that was asked to stop may take.
  private static let grace = Duration.seconds(10)

  let purpose: Purpose
  /// When it was started.
  let start: ContinuousClock.Instant
  /// Whether its outcome no longer matters.
  private(set) var isCancelled = false
  /// When it is told to stop, or made to.
  private(set) var deadline: ContinuousClock.Instant
  /// Whether it has been told to stop.
  private(set) var wasTold = false
  private let watchdog: Watchdog
  private let child: Child

  /// Starts the command.
  ///
  /// - Throws: 69 if it cannot be started.
  init(_ purpose: Purpose, _ arguments: [String], patience: Duration) throws(Failure) {
    self.purpose = purpose
    watchdog = try Watchdog(Self.lastWill, ["virby-idle-watchdog"])
    do throws(Failure) { child = try Child.spawn(arguments, group: watchdog.group) } catch {
      watchdog.dismiss()
      throw error
    }
    start = .now
    deadline = start + patience
  }

  /// Looks whether it has ended, after SIGCHLD. What it leaves behind after it was told to stop is killed.
  ///
  /// - Returns: nil if it is still running.
  func collect() -> Child.End? {
    if wasTold { kill() }
    let end = child.end()
    if end != nil { watchdog.dismiss() }
    return end
  }

  /// Tells it to stop, for its outcome no longer matters.
  mutating func cancel() {
    if isCancelled { return }
    isCancelled = true
    if !wasTold { stop() }
  }

  /// Tells it to stop, and makes it stop the next time.
  mutating func stop() {
    if wasTold { kill() } else { watchdog.send(.terminate) }
    wasTold = true
    deadline = .now + Self.grace
  }

  /// Makes it stop at once.
  func kill() { watchdog.send(.kill) }
}

import VirbyKit

/// A command that is run at the end of the TTL.
///
/// It leads a process group, so that a stop reaches whatever it has started.
struct Errand {
  /// What it is run for.
  enum Purpose {
    /// To ask whether the guest is busy.
    case asking
    /// To put things in order before the VM stops.
    case closing
  }

  /// How long a command that was asked to stop may take.
  private static let grace = Duration.seconds(10)

  let purpose: Purpose
  /// Whether its outcome no longer matters.
  private(set) var isCancelled = false
  /// When it is told to stop, or made to.
  private(set) var deadline: ContinuousClock.Instant
  private let child: Child
  private var wasTold = false

  /// Starts the command.
  ///
  /// - Throws: 69 if it cannot be started.
  init(_ purpose: Purpose, _ arguments: [String], patience: Duration) throws(Failure) {
    self.purpose = purpose
    child = try Child.spawn(arguments, group: 0)
    deadline = .now + patience
  }

  /// How it has ended; nil if it has not.
  var end: Child.End? { child.end() }

  /// Tells it to stop, for its outcome no longer matters.
  mutating func cancel() {
    if isCancelled { return }
    isCancelled = true
    stop()
  }

  /// Tells it to stop, and makes it stop the next time.
  mutating func stop() {
    child.sendToGroup(wasTold ? SIGKILL : SIGTERM)
    wasTold = true
    deadline = .now + Self.grace
  }
}

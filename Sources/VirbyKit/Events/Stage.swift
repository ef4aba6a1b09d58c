#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// An event command's place in the pipeline: events in, events out, signals, hangup.
///
/// Whatever the command waits for comes out of `next`, one occurrence at a time.
public final class Stage {
  /// What can happen to a stage.
  public enum Occurrence: Sendable {
    /// A line has come from the stage before.
    case line(EventLine)
    /// The stage before is gone; no more lines will come.
    case inputEnd
    /// The stage behind is gone: wind down. Told once.
    case hangup
    /// SIGTERM, SIGHUP or SIGINT, each as often as it comes, or a signal that the stage asked for.
    case signal(Signal)
    /// Some of the stage's own descriptors are ready, or its readiness has notices.
    case ready([Bool])
    /// The deadline has passed.
    case deadline
  }

  private var reader: EventReader?
  private var writer = EventWriter()
  private let signals: Signals
  private var hangup = Hangup.watch()
  private var isHungUp = false
  private var hangupTold = false
  private var inputEndTold = false
  private var mayHaveSignal = false
  private let readiness: Readiness?

  /// Takes its place: installs the signal handlers.
  ///
  /// - Parameters:
  ///   - readsEvents: false for the first stage, which leaves stdin alone.
  ///   - others: More signals to report than those that ask for a stop.
  ///   - readiness: Sockets to wait for in the same call.
  /// - Throws: 71.
  public init(
    readsEvents: Bool = true, also others: [Signal] = [], readiness: Readiness? = nil
  ) throws(Failure) {
    self.readiness = readiness
    reader = readsEvents ? EventReader() : nil
    signals = try Signals(also: others)
  }

  /// Waits for the next occurrence.
  ///
  /// - Parameters:
  ///   - deadline: When to give up waiting.
  ///   - watches: The stage's own descriptors.
  /// - Throws: 65 for a malformed line, 71 for a failed call.
  public func next(
    until deadline: ContinuousClock.Instant? = nil, also watches: [Watch] = []
  ) throws(Failure) -> Occurrence {
    while true {
      if mayHaveSignal {
        if let signal = signals.next() { return .signal(signal) }
        mayHaveSignal = false
      }
      if (isHungUp || writer.isHungUp) && !hangupTold { return tellHangup() }
      if let line = try reader?.next() { return .line(line) }
      if let reader, reader.isAtEnd, !inputEndTold {
        inputEndTold = true
        return .inputEnd
      }
      let input = reader.map { Watch.read($0.descriptor) } ?? .nothing
      let all = [signals.watch, hangup, input] + watches
      let ready =
        if let readiness {
          try readiness.wait(with: all, until: deadline)
        } else {
          try poll(all, until: deadline)
        }
      // What else has happened is told next time; notices come only once.
      if ready[0] { mayHaveSignal = true }
      if ready[1] { isHungUp = true }
      if ready[2] { try reader?.fill() }
      let own = Array(ready.dropFirst(3))
      if own.contains(true) || readiness?.notices.isEmpty == false { return .ready(own) }
      if let deadline, deadline <= .now, !ready.contains(true) { return .deadline }
    }
  }

  // A stage that winds down goes on waiting, and a hung-up pipe stays ready for ever.
  private func tellHangup() -> Occurrence {
    hangup = .nothing
    hangupTold = true
    return .hangup
  }

  /// Tells an event to the stage behind.
  ///
  /// - Throws: 70 if it is too long, 71 if it cannot be written. A hangup is told by `next`.
  public func tell(_ event: Event) throws(Failure) { try writer.write(event) }

  /// Passes a line on to the stage behind, as it came.
  ///
  /// - Throws: 71.
  public func pass(_ line: EventLine) throws(Failure) { try writer.pass(line) }

  /// Whether a second SIGINT has come: what is being stopped in an orderly way is to be stopped at once.
  public var isImpatient: Bool { signals.areImpatient }

  /// Whether the stop that is under way was asked for by somebody at a terminal, with SIGINT.
  public var isInterrupted: Bool { signals.areInterrupt }

  /// Ends the stage: if SIGINT stopped it, the process ends by SIGINT.
  public func end() { signals.reraise() }
}

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// The signals that an event command answers, as bytes in a pipe that poll(2) can watch.
///
/// SIGTERM, SIGHUP and SIGINT ask for an orderly stop. The first two say no more if they come again: launchd sends
/// SIGTERM to a job and later to what is left of its group, systemd to the whole group at once. A second SIGINT comes
/// from somebody at a terminal who does not want to wait. SIGPIPE is ignored: a write says EPIPE instead.
/// The handler only writes to the pipe, which signal-safety(7) allows. One instance a process.
public final class Signals {
  #if canImport(Darwin)
    /// The signals that ask what a command is waiting for. A terminal sends SIGINFO for control-T.
    public static let inquiries = [SIGUSR1, SIGINFO].map(Signal.init(rawValue:))
  #else
    /// The signals that ask what a command is waiting for.
    public static let inquiries = [Signal(rawValue: SIGUSR1)]
  #endif

  private let pipe: (read: Descriptor, write: Descriptor)
  private var stopping: Int32?
  private var interrupt: ContinuousClock.Instant?
  /// Whether a second SIGINT has come.
  public private(set) var areImpatient = false

  /// Within this time a second SIGINT is the first one's echo: a terminal signals the whole pipeline, and what waits
  /// for it may pass the signal on.
  private static let echo = Duration.seconds(1)

  /// Installs the handlers with signal(3).
  ///
  /// - Parameter others: More signals to report, such as SIGCHLD.
  /// - Throws: 71.
  public init(also others: [Signal] = []) throws(Failure) {
    pipe = try Descriptor.pipe()
    pipe.read.setNonBlocking()
    pipe.write.setNonBlocking()
    signalPipe = pipe.write.raw
    signal(SIGPIPE, SIG_IGN)
    for number in [SIGTERM, SIGHUP, SIGINT] + others.map(\.rawValue) { signal(number, report) }
    installed = self
  }

  /// Ready when a signal has come.
  public var watch: Watch { .read(pipe.read.raw) }

  /// The next signal that has come, or nil.
  public func next() -> Signal? {
    var byte: UInt8 = 0
    guard read(pipe.read.raw, &byte, 1) == 1 else { return nil }
    let number = Int32(byte)
    if [SIGTERM, SIGHUP, SIGINT].contains(number) && stopping == nil {
      stopping = number
    }
    if number == SIGINT {
      if let interrupt, interrupt + Self.echo <= .now { areImpatient = true }
      interrupt = interrupt ?? .now
    }
    return Signal(rawValue: number)
  }

  /// Whether SIGINT asked for the stop that is under way.
  public var areInterrupt: Bool { stopping == SIGINT }

  /// Ends the process by SIGINT if an event command was stopped by it, whatever it has to say of that stop.
  static func reraiseInterrupt() { installed?.reraise() }

  /// Ends the process by SIGINT if that is what stopped it, or stopped it at once, so that a shell sees it and stops too.
  public func reraise() {
    // At a terminal its neighbours end by the same signal, and their ends may have been seen before it.
    while next() != nil {}
    guard stopping == SIGINT || areImpatient else { return }
    signal(SIGINT, SIG_DFL)
    raise(SIGINT)
  }
}

// Written once, before the first handler is installed.
nonisolated(unsafe) private var signalPipe: Int32 = -1
// Of the one instance, for the end of the process.
nonisolated(unsafe) private var installed: Signals?

private func report(_ number: Int32) {
  let before = errno
  var byte = UInt8(truncatingIfNeeded: number)
  _ = write(signalPipe, &byte, 1)
  errno = before
}

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// The signals that an event command answers, as bytes in a pipe that poll(2) can watch.
///
/// SIGTERM, SIGHUP and SIGINT ask for an orderly stop. SIGPIPE is ignored: a write says EPIPE instead.
/// The handler only writes to the pipe, which signal-safety(7) allows. One instance a process.
public final class Signals {
  #if canImport(Darwin)
    /// The signals that ask what a command is waiting for. A terminal sends SIGINFO for control-T.
    public static let inquiries = [SIGUSR1, SIGINFO]
  #else
    /// The signals that ask what a command is waiting for.
    public static let inquiries = [SIGUSR1]
  #endif

  private let pipe: (read: Descriptor, write: Descriptor)
  private var stopping: Int32?

  /// Installs the handlers with signal(3).
  ///
  /// - Parameter others: More signals to report, such as SIGCHLD.
  /// - Throws: 71.
  public init(also others: [Int32] = []) throws(Failure) {
    pipe = try Descriptor.pipe()
    pipe.read.setNonBlocking()
    pipe.write.setNonBlocking()
    signalPipe = pipe.write.raw
    signal(SIGPIPE, SIG_IGN)
    for number in [SIGTERM, SIGHUP, SIGINT] + others { signal(number, report) }
  }

  /// Ready when a signal has come.
  public var watch: Watch { .read(pipe.read.raw) }

  /// The next signal that has come, or nil.
  public func next() -> Int32? {
    var byte: UInt8 = 0
    guard read(pipe.read.raw, &byte, 1) == 1 else { return nil }
    let number = Int32(byte)
    if [SIGTERM, SIGHUP, SIGINT].contains(number) && stopping == nil { stopping = number }
    return number
  }

  /// Lets the next stop signal end the process at once.
  public func restoreDefaults() {
    for number in [SIGTERM, SIGHUP, SIGINT] { signal(number, SIG_DFL) }
  }

  /// Ends the process by SIGINT if that is what stopped it, so that a shell sees it and stops too.
  public func reraise() {
    guard stopping == SIGINT else { return }
    signal(SIGINT, SIG_DFL)
    raise(SIGINT)
  }
}

// Written once, before the first handler is installed.
nonisolated(unsafe) private var signalPipe: Int32 = -1

private func report(_ number: Int32) {
  let before = errno
  var byte = UInt8(truncatingIfNeeded: number)
  _ = write(signalPipe, &byte, 1)
  errno = before
}

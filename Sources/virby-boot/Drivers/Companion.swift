import VirbyKit

/// A program that a driver needs beside it: started before it, in its process group, and ended after it.
final class Companion {
  /// When it can be relied on.
  enum Readiness {
    /// At once.
    case atOnce
    /// When it has written a line to stdout.
    case line
  }

  /// What messages call it.
  let name: String
  /// The driver's end of the network, if that is what it serves.
  private(set) var network: Descriptor?
  private let child: Child
  /// Where it says that it is up; kept, for a program whose stdout is gone may end.
  private let output: Descriptor?
  private let hint: String?
  private let socket: String?
  private let group: Int32
  private(set) var end: Child.End?

  /// How long it may take to end.
  private static let grace = Duration.seconds(5)

  /// Starts it.
  ///
  /// - Parameters:
  ///   - service: What it serves, inherited in that role.
  ///   - network: What the driver is lent of it.
  ///   - socket: The socket that it listens on, which is removed in the end.
  ///   - hint: What to do if it ends before it is up.
  /// - Throws: 69 if it cannot be started, 71.
  init(
    _ arguments: [String], ready readiness: Readiness, serving service: Descriptor,
    network: Descriptor? = nil, leaving socket: String? = nil, hint: String? = nil, group: Int32
  ) throws(Failure) {
    name = Path.split(arguments[0]).name
    self.network = network
    self.group = group
    self.socket = socket
    self.hint = hint
    let pipe = readiness == .line ? try Descriptor.pipe() : nil
    output = pipe?.read
    output?.setNonBlocking()
    child = try Child.spawn(
      arguments, output: pipe?.write, inheriting: Inheritance([(.service, service)]).numbers,
      group: group)
  }

  deinit {
    guard !hasEnded() else { return }
    _ = try? child.end(within: .zero)
  }

  /// Waits until it can be relied on.
  ///
  /// - Returns: false if the stage is asked to stop meanwhile.
  /// - Throws: 69 if it ends, 75 if it takes too long, 71.
  func comesUp(on stage: Stage, within limit: Duration) throws(Failure) -> Bool {
    guard let output else { return true }
    let deadline = ContinuousClock.now + limit
    var watch = Watch.read(output.raw)
    while true {
      switch try stage.next(until: deadline, also: [watch]) {
      case .ready:
        switch take(from: output) {
        case .line: return true
        case .end: watch = .nothing
        case .less: break
        }
      case .deadline: throw Failure(.later, "'\(name)' did not come up within \(limit.text)")
      case .hangup: return false
      case .signal(let signal) where signal != .child: return false
      default: break
      }
      if hasEnded() {
        throw Failure(
          .unavailable, "'\(name)' \(end?.description ?? "ended") before it was up", hint: hint)
      }
    }
  }

  /// Whether it is gone.
  func hasEnded() -> Bool {
    if end == nil { end = child.end() }
    return end != nil
  }

  /// Ends it, and what it has started. One that may not be signalled, as when sudo(8) has made it root's, is warned of
  /// and left; with nobody at the other end of its network it has reason to go by itself.
  func dismiss(log: Diagnostics) {
    network = nil
    if let socket { Path.remove(socket) }
    guard !hasEnded() else { return }
    let code = child.send(.terminate)
    // What leads the group, the guard's shell, ignores this.
    Signal.terminate.send(toGroup: group)
    do throws(Failure) { end = try child.end(within: Self.grace) } catch {
      return log.warn(error.message)
    }
    guard end == nil else { return }
    let reason = code == 0 ? "it survived SIGKILL" : Failure.reason(code)
    log.warn("cannot stop '\(name)', process \(child.pid): \(reason)")
  }

  private enum Speech { case line, less, end }

  private func take(from output: Descriptor) -> Speech {
    var chunk = [UInt8](repeating: 0, count: 4096)
    switch chunk.withUnsafeMutableBytes(output.receive(into:)) {
    case .moved(let count): return chunk[..<count].contains(UInt8(ascii: "\n")) ? .line : .less
    case .blocked: return .less
    case .end, .failed: return .end
    }
  }
}

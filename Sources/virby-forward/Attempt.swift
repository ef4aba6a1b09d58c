import ArgumentParser
import VirbyKit

/// When the server in the guest counts as ready.
enum Readying: String, CaseIterable, ExpressibleByArgument {
  /// At its first bytes: for SSH, where the server speaks first.
  case greeting
  /// When it accepts the connection.
  case connect
}

/// One attempt at the guest's port.
final class Attempt {
  /// What is to be thought of an attempt.
  enum Verdict: Equatable {
    /// It is too early to say.
    case pending
    /// The server is there.
    case ready
    /// It has failed, for this reason.
    case refused(String)
  }

  let leg: Leg
  /// When a silent attempt is given up.
  let deadline: ContinuousClock.Instant
  private var isConnected = false

  init(_ leg: Leg, deadline: ContinuousClock.Instant) {
    self.leg = leg
    self.deadline = deadline
  }

  /// Judges the attempt by what its socket says now. The server's first bytes are left in the socket.
  func judge(_ readying: Readying) -> Verdict {
    if !isConnected {
      guard leg.mayWrite || leg.isHungUp else { return .pending }
      if leg.isHungUp { return .refused(Failure.reason(leg.socket.takeError())) }
      isConnected = true
    }
    if readying == .connect { return .ready }
    guard leg.mayRead else { return .pending }
    switch leg.peek() {
    case .moved: return .ready
    case .blocked: return .pending
    case .end: return .refused("Connection closed without a greeting")
    case .failed(let code): return .refused(Failure.reason(code))
    }
  }
}

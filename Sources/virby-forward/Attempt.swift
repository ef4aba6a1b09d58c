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
    /// The server has spoken and hung up.
    case turnedAway(String)
  }

  /// How long first words that are no SSH version may be the last.
  private static let pause = Duration.milliseconds(200)

  let leg: Leg
  /// When a silent attempt is given up, or one that has spoken is taken at its word.
  private(set) var deadline: ContinuousClock.Instant
  /// Whether the connection was made, by the guest or by something in between.
  private(set) var isConnected = false
  /// Whether the server has spoken, and not in the manner of SSH.
  private(set) var hasSpoken = false

  init(_ leg: Leg, deadline: ContinuousClock.Instant) {
    self.leg = leg
    self.deadline = deadline
  }

  /// Lets it be silent until then.
  func wait(until deadline: ContinuousClock.Instant) { self.deadline = deadline }

  /// Judges the attempt by what its socket says now. The server's first bytes are left in the socket.
  ///
  /// A server that speaks and hangs up before it has been told anything has refused: an sshd does that
  /// when too many are logging in (MaxStartups), or when it has been annoyed (PerSourcePenalties). One
  /// that begins with its version (RFC 4253, section 4.2) has not; with any other words, time will tell.
  func judge(_ readying: Readying, at now: ContinuousClock.Instant = .now) -> Verdict {
    if !isConnected {
      guard leg.mayWrite || leg.isHungUp else { return .pending }
      // How soon we look must make no difference: a connection that was made counts, though it is over.
      if leg.isHungUp && !(readying == .connect && leg.wasConnected) {
        return .refused(LocalNetwork.reason(leg.failure()))
      }
      isConnected = true
    }
    if readying == .connect { return .ready }
    guard leg.mayRead else { return .pending }
    var bytes = [UInt8](repeating: 0, count: 80)
    switch bytes.withUnsafeMutableBytes({ leg.peek(into: $0) }) {
    case .moved(let length):
      let words = bytes[..<length]
      if words.starts(with: "SSH-".utf8) { return .ready }
      if leg.hasEnded { return .turnedAway(Self.quote(words)) }
      if hasSpoken { return deadline <= now ? .ready : .pending }
      hasSpoken = true
      deadline = min(deadline, now + Self.pause)
      return .pending
    case .blocked: return .pending
    case .end: return .refused("Connection closed without a greeting")
    case .failed(let code): return .refused(LocalNetwork.reason(code))
    }
  }

  /// Whether it was the guest that refused it: nobody else does once a connection has been made.
  ///
  /// - Parameter blind: Whether it is this machine that makes the connection.
  func wasRefusedByGuest(blind: Bool) -> Bool { leg.wasConnected || (leg.wasRefused && !blind) }

  private static func quote(_ words: ArraySlice<UInt8>) -> String {
    let line = words.prefix { $0 != UInt8(ascii: "\r") && $0 != UInt8(ascii: "\n") }
    let text = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
    return "it said '\(text.map(PercentEncoding.printable).joined(separator: " "))' and hung up"
  }
}

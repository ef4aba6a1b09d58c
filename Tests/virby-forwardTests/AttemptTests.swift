import Testing

@testable import VirbyKit
@testable import virby_forward

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

@Suite struct AttemptTests {
  let server: Socket
  let leg: Leg

  init() throws {
    let (server, near) = try Socket.pair()
    self.server = server
    leg = Leg(near, token: 1)
  }

  func verdict(_ readying: Readying) -> Attempt.Verdict {
    let attempt = Attempt(leg, deadline: .now + .seconds(5))
    return attempt.judge(readying)
  }

  func note(readable: Bool = false, writable: Bool = false, ended: Bool = false) {
    leg.note(
      .init(
        token: 1, isReadable: readable, isWritable: writable, hasEnded: ended, isHungUp: false))
  }

  @Test func isPendingUntilItIsConnected() {
    #expect(verdict(.connect) == .pending)
    note(writable: true)
    #expect(verdict(.connect) == .ready)
  }

  @Test func waitsForTheGreetingAndLeavesItThere() {
    note(writable: true)
    #expect(verdict(.greeting) == .pending)
    say("SSH-2.0-x")
    #expect(verdict(.greeting) == .ready)
    var bytes = [UInt8](repeating: 0, count: 20)
    let transfer = bytes.withUnsafeMutableBytes { leg.receive(into: $0) }
    #expect(transfer == .moved(9))
  }

  @Test func otherWordsAreAGreetingAfterAWhile() {
    note(writable: true)
    let attempt = Attempt(leg, deadline: .now + .seconds(5))
    say("220 mail")
    #expect(attempt.judge(.greeting) == .pending)
    #expect(attempt.judge(.greeting) == .pending)
    #expect(attempt.deadline < .now + .seconds(1))
    #expect(attempt.judge(.greeting, at: attempt.deadline) == .ready)
  }

  @Test func wordsBeforeAnEndAreARefusal() {
    note(writable: true)
    say("Exceeded \u{1b}MaxStartups\r\n")
    server.finishWriting()
    note(readable: true, ended: true)
    #expect(verdict(.greeting) == .turnedAway("it said 'Exceeded %1BMaxStartups' and hung up"))
  }

  @Test func aVersionBeforeAnEndIsAGreeting() {
    note(writable: true)
    say("SSH-2.0-x\r\n")
    server.finishWriting()
    note(readable: true, ended: true)
    #expect(verdict(.greeting) == .ready)
  }

  func say(_ words: String) {
    _ = Array(words.utf8).withUnsafeBytes { server.send($0) }
    note(readable: true)
  }

  @Test func anEndWithoutAGreetingIsARefusal() {
    server.finishWriting()
    note(readable: true, writable: true)
    #expect(
      verdict(.greeting) == .refused("Connection closed without a greeting"))
  }

  @Test func aConnectionThatWasMadeAndIsOverCountsAsOne() throws {
    var (server, near): (Socket?, Socket) = try Self.connection()
    server?.resetOnClose()
    server = nil
    _ = server
    _ = try poll([.read(near.descriptor.raw)], until: .now + .seconds(5))
    let leg = Leg(near, token: 1)
    leg.note(.init(token: 1, isReadable: true, isWritable: true, hasEnded: true, isHungUp: true))
    #expect(
      Attempt(leg, deadline: .now).judge(.greeting)
        == .refused(Failure.reason(ECONNRESET)))
    #expect(Attempt(leg, deadline: .now).judge(.connect) == .ready)
    // The relay that follows passes it on.
    #expect(leg.hasFailed)
    var bytes: [UInt8] = [0]
    #expect(bytes.withUnsafeMutableBytes { leg.receive(into: $0) } == .failed(ECONNRESET))
  }

  @Test func aConnectionThatWasNeverMadeIsRefused() throws {
    let nobody = try ListeningSocket(at: .tcp(address: "127.0.0.1", port: 0)).endpoint
    let leg = Leg(try Socket.connect(to: nobody), token: 1)
    _ = try poll([.read(leg.socket.descriptor.raw)], until: .now + .seconds(5))
    leg.note(.init(token: 1, isReadable: true, isWritable: true, hasEnded: true, isHungUp: true))
    #expect(
      Attempt(leg, deadline: .now).judge(.connect) == .refused(Failure.reason(ECONNREFUSED)))
  }

  /// A client's end and its server's, over TCP.
  static func connection() throws -> (Socket, Socket) {
    let listener = try ListeningSocket(at: .tcp(address: "127.0.0.1", port: 0))
    let near = try Socket.connect(to: listener.endpoint)
    _ = try poll([.read(listener.descriptor.raw)], until: .now + .seconds(5))
    guard case .client(let server) = try listener.accept() else { throw Failure.nobodyReads }
    return (server, near)
  }

  @Test func anEarlyNoticeProvesNothing() {
    note(readable: true, writable: true)
    #expect(verdict(.greeting) == .pending)
    #expect(!leg.mayRead)
  }
}

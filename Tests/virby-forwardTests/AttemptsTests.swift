import Testing

@testable import VirbyKit
@testable import virby_forward

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// A server that the test plays itself, on this machine: a connection is made at once.
@Suite final class AttemptsTests {
  let listener: ListeningSocket
  var attempts = Attempts()
  var token: UInt64 = 0

  init() throws {
    listener = try ListeningSocket(at: .tcp(address: "127.0.0.1", port: 0))
  }

  /// The server's end of one more attempt.
  func add(warm: Bool = false) throws -> Socket {
    token += 1
    _ = try attempts.add(listener.endpoint, token: token, warm: warm, until: .now + .seconds(60))
    _ = try poll([.read(listener.descriptor.raw)], until: .now + .seconds(60))
    guard case .client(let server) = try listener.accept() else { throw Failure.nobodyReads }
    note(token, writable: true)
    return server
  }

  func note(_ token: UInt64, readable: Bool = false, writable: Bool = false, ended: Bool = false) {
    attempts.leg(token)?.note(
      .init(
        token: token, isReadable: readable, isWritable: writable, hasEnded: ended, isHungUp: false))
  }

  func say(_ words: String, by server: Socket) {
    _ = Array(words.utf8).withUnsafeBytes { server.send($0) }
  }

  /// What the server has sent, or its end, has arrived.
  func arrive(_ token: UInt64, ended: Bool = false) throws {
    guard let leg = attempts.leg(token) else { return }
    _ = try poll([.read(leg.socket.descriptor.raw)], until: .now + .seconds(60))
    note(token, readable: true, ended: ended)
  }

  @Test func theFirstThatIsGreetedWinsAndTheOthersAreClosed() throws {
    var servers = try (1...3).map { _ in try add() }
    say("SSH-2.0-x\r\n", by: servers[1])
    try arrive(2)
    #expect(attempts.judge(.greeting)?.leg.token == 2)
    #expect(attempts.inFlight.isEmpty)
    for server in [servers.removeFirst(), servers.removeLast()] {
      _ = try poll([.read(server.descriptor.raw)], until: .now + .seconds(60))
      var byte: [UInt8] = [0]
      #expect(byte.withUnsafeMutableBytes { server.receive(into: $0) } == .end)
    }
  }

  @Test func thereAreEightAtMostAndTheOldestStays() throws {
    let servers = try (1...12).map { _ in try add() }
    #expect(attempts.inFlight.map(\.leg.token) == [1] + Array(6...12))
    _ = servers
  }

  @Test func anAnswerEndsThoseThatWereLost() throws {
    var servers = try (1...3).map { _ in try add() }
    servers[1].resetOnClose()
    servers.remove(at: 1)
    try arrive(2)
    let before = ContinuousClock.now
    #expect(attempts.judge(.greeting) == nil)
    #expect(attempts.inFlight.isEmpty)
    #expect(attempts.latestRefusal == Failure.reason(ECONNRESET))
    #expect(attempts.due < before + .seconds(5))
    servers.append(try add())
    #expect(attempts.due > before + .seconds(5))
    #expect(attempts.inFlight[0].deadline > before + .seconds(30))
  }

  @Test func wordsOfAServerThatHangsUpLeaveTheOthers() throws {
    var servers = try (1...2).map { _ in try add() }
    say("Exceeded MaxStartups\r\n", by: servers[1])
    servers.removeLast()
    try arrive(2, ended: true)
    #expect(attempts.judge(.greeting) == nil)
    #expect(attempts.inFlight.map(\.leg.token) == [1])
    #expect(attempts.latestRefusal == "it said 'Exceeded MaxStartups' and hung up")
  }

  @Test func whoIsSilentForTooLongIsGivenUp() throws {
    let server = try add()
    let end = attempts.inFlight[0].deadline
    #expect(attempts.judge(.greeting, at: end - .milliseconds(1)) == nil)
    #expect(attempts.inFlight.count == 1)
    #expect(attempts.judge(.greeting, at: end) == nil)
    #expect(attempts.inFlight.isEmpty && attempts.latestRefusal == "it stayed silent")
    #expect(attempts.due == end)
    _ = server
  }

  @Test func afterTheServerHasBeenReadyThereIsOneAtATime() throws {
    let server = try add(warm: true)
    #expect(attempts.due > .now + .seconds(20))
    #expect(attempts.due <= attempts.inFlight[0].deadline + .seconds(1))
    _ = server
  }
}

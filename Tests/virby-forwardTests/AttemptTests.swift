import Testing

@testable import VirbyKit
@testable import virby_forward

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

  func note(readable: Bool = false, writable: Bool = false) {
    leg.note(.init(token: 1, isReadable: readable, isWritable: writable, isHungUp: false))
  }

  @Test func isPendingUntilItIsConnected() {
    #expect(verdict(.connect) == .pending)
    note(writable: true)
    #expect(verdict(.connect) == .ready)
  }

  @Test func waitsForTheGreetingAndLeavesItThere() {
    note(writable: true)
    #expect(verdict(.greeting) == .pending)
    _ = [UInt8](repeating: 1, count: 3).withUnsafeBytes { server.send($0) }
    note(readable: true)
    #expect(verdict(.greeting) == .ready)
    var bytes = [UInt8](repeating: 0, count: 8)
    let transfer = bytes.withUnsafeMutableBytes { leg.receive(into: $0) }
    #expect(transfer == .moved(3))
  }

  @Test func anEndWithoutAGreetingIsARefusal() {
    server.finishWriting()
    note(readable: true, writable: true)
    #expect(
      verdict(.greeting) == .refused("Connection closed without a greeting"))
  }

  @Test func anEarlyNoticeProvesNothing() {
    note(readable: true, writable: true)
    #expect(verdict(.greeting) == .pending)
    #expect(!leg.mayRead)
  }
}

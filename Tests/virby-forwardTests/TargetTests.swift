import Testing
import VirbyKit

@testable import virby_forward

@Suite struct TargetTests {
  func learned(_ lines: String...) throws -> Endpoint? {
    var target = Target(port: 2222)
    for line in lines { try target.learn(from: Event(line: Array(line.utf8))) }
    return target.endpoint
  }

  @Test func trustsWhatBootTells() throws {
    #expect(
      try learned("running mac=02:00:00:00:00:01 at=tcp:127.0.0.1:40022")
        == .tcp(address: "127.0.0.1", port: 40022))
    #expect(
      try learned("running mac=02:00:00:00:00:01 at=unix:/a%20b") == .unix(path: "/a b"))
  }

  @Test func addsThePortToALease() throws {
    #expect(
      try learned("running mac=m", "lease mac=m address=192.168.64.7 expires=1")
        == .tcp(address: "192.168.64.7", port: 2222))
  }

  @Test func followsALaterLease() throws {
    #expect(
      try learned("lease mac=m address=192.168.64.7", "lease mac=m address=192.168.64.8")
        == .tcp(address: "192.168.64.8", port: 2222))
  }

  @Test func knowsNothingBefore() throws {
    #expect(
      try learned("starting driver=qemu pid=1 mac=m", "running mac=m", "open id=1 active=1") == nil)
  }

  @Test(arguments: [
    "127.0.0.1", "127.1.2.3", "0.0.0.0", "0.1.2.3", "224.0.0.1", "255.255.255.255", "x", "", "::1",
  ])
  func refusesALeaseOf(_ address: String) {
    #expect(
      throws: Failure(
        .malformed, "'lease' with 'address=\(address)', which cannot be the guest")
    ) { try learned("lease mac=m address=\(address)") }
  }

  @Test func neverShowsControlBytes() {
    #expect(
      throws: Failure(
        .malformed, "'running' with 'at=%1B[2J', which cannot be the guest")
    ) { try learned("running mac=m at=%1b[2J") }
  }
}

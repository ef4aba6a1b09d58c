import Testing
import VirbyKit

@testable import virby_forward

@Suite struct ListenAddressTests {
  @Test func readsWhatTheManualNames() {
    #expect(
      ListenAddress(argument: "127.0.0.1:31222")
        == .endpoint(.tcp(address: "127.0.0.1", port: 31222)))
    #expect(ListenAddress(argument: "[::1]:22") == .endpoint(.tcp(address: "::1", port: 22)))
    #expect(ListenAddress(argument: "unix:/run/x") == .endpoint(.unix(path: "/run/x")))
    #expect(ListenAddress(argument: "fd:3") == .inherited(3))
  }

  @Test func letsTheSystemPickAPort() {
    #expect(
      ListenAddress(argument: "127.0.0.1:0") == .endpoint(.tcp(address: "127.0.0.1", port: 0)))
  }

  @Test(arguments: [
    "", "fd:", "fd:-1", "fd:3x", "fd:99999999999", "localhost:22", "127.0.0.1", "127.0.0.1:",
    "127.0.0.1:65536", "127.0.0.1:+1", ":22", "unix:", "::1:22", "127.1:22",
  ])
  func refuses(_ text: String) {
    #expect(ListenAddress(argument: text) == nil)
  }
}

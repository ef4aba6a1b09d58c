import Testing
import VirbyKit

@testable import virby_forward

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

@Suite struct LocalNetworkTests {
  @Test func aMacSaysNoRouteToHostWhereAProgramMayNotUseTheLocalNetwork() {
    #expect(
      LocalNetwork.reason(EHOSTUNREACH, onDarwin: true)
        == "No route to host, or macOS denies this program access to the local network (Privacy & Security)"
    )
    #expect(LocalNetwork.reason(EHOSTUNREACH, onDarwin: false) == "No route to host")
    #expect(LocalNetwork.reason(ECONNREFUSED, onDarwin: true) == "Connection refused")
  }
}

import Testing

@testable import VirbyKit

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

@Suite struct EndpointTests {
  @Test(arguments: [
    ("127.0.0.1:31222", Endpoint.tcp(address: "127.0.0.1", port: 31222)),
    ("tcp:127.0.0.1:40022", .tcp(address: "127.0.0.1", port: 40022)),
    ("0.0.0.0:65535", .tcp(address: "0.0.0.0", port: 65535)),
    ("[::1]:22", .tcp(address: "::1", port: 22)),
    ("tcp:[FE80:0::0:1]:22", .tcp(address: "fe80::1", port: 22)),
    ("unix:/run/ssh.sock", .unix(path: "/run/ssh.sock")),
    ("unix:ssh sock:22", .unix(path: "ssh sock:22")),
    ("unix:\u{301}/x", .unix(path: "\u{301}/x")),
  ])
  func anAddressAndAPortOrAPathAreAnEndpoint(text: String, endpoint: Endpoint) {
    #expect(Endpoint(text) == endpoint)
    #expect(Endpoint(argument: text) == endpoint)
    #expect(Endpoint(endpoint.description) == endpoint)
  }

  @Test(arguments: [
    "", ":", ":22", "22", "127.0.0.1", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536",
    "127.0.0.1:-1",
    "127.0.0.1:+22", "127.0.0.1: 22", "127.0.0.1:22 ", "127.0.0.1:2２", "127.0.0.1:ssh", "127.1:22",
    "127.0.0.01:22", "127.0.0.256:22", "0x7f.0.0.1:22", "2130706433:22", "localhost:22", "*:22",
    "[127.0.0.1]:22", "::1:22", "[::1]", "[::1]:", "[::1:22", "[::g]:22", "[]:22", "/run/ssh.sock",
    "unix:", "tcp:", "tcp:unix:/x", "tcp:tcp:127.0.0.1:22", "udp:127.0.0.1:22", "127.0.0.1\0:22",
    "127.0.0.1\0x:22", "unix:/a\0b", "[::1%lo]:22", "[::1\0]:22",
  ])
  func anythingElseIsRefused(text: String) {
    #expect(Endpoint(text) == nil)
  }

  @Test func anAddressHasOneSpelling() {
    #expect(Endpoint.canonical("10.0.0.1") == "10.0.0.1")
    #expect(Endpoint.canonical("0:0:0:0:0:0:0:1", family: AF_INET6) == "::1")
    #expect(Endpoint.canonical("::1") == nil)
    #expect(Endpoint.canonical("10.0.0.1", family: AF_INET6) == nil)
    #expect(
      Endpoint.canonical("ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255", family: AF_INET6)
        == "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")
  }

  @Test(arguments: [
    ("127.0.0.1:22", true), ("127.9.9.9:22", true), ("[::1]:22", true), ("unix:/x", true),
    ("0.0.0.0:22", false), ("[::]:22", false), ("192.168.64.3:22", false), ("12.7.0.1:22", false),
    ("[::ffff:127.0.0.1]:22", false),
  ])
  func onlyLoopbackAndPathsAreLocal(text: String, local: Bool) {
    #expect(Endpoint(text)?.isLocal == local)
  }
}

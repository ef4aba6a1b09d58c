import Testing
import VirbyKit

@Suite struct InterfaceAddressTests {
  @Test func theLoopbackIsAmongThem() throws {
    let loopback = try #require(
      try InterfaceAddress.all().first { $0.address == IPv4Address(0x7f00_0001) })
    #expect(["lo", "lo0"].contains(loopback.interface))
    #expect(loopback.mask == 0xff00_0000)
    #expect(loopback.isRunning)
    #expect(!loopback.isBroadcast)
  }
}

import Testing
import VirbyKit

@testable import virby_lease

@Suite struct SubnetTests {
  private func subnet(_ host: UInt32, bits: UInt32) -> Subnet {
    Subnet(host: IPv4Address(host), mask: bits == 0 ? 0 : ~UInt32(0) << (32 - bits))
  }

  @Test func nobodyElseHasTheHostsAddressTheFirstOrTheLast() {
    let network = subnet(0xc0a8_4001, bits: 24)
    #expect(network.description == "192.168.64.0/24")
    for (last, hasRoom) in [(0, false), (1, false), (2, true), (254, true), (255, false)] {
      let address = IPv4Address(0xc0a8_4000 + UInt32(last))
      #expect(network.contains(address))
      #expect(network.hasRoom(for: address) == hasRoom)
    }
    #expect(!network.contains(IPv4Address(0xc0a8_4102)))
    #expect(!network.hasRoom(for: IPv4Address(0xc0a8_4102)))
  }

  @Test func aNetworkOfTwoHasNoBroadcast() {
    #expect(subnet(0x0a00_0000, bits: 31).hasRoom(for: IPv4Address(0x0a00_0001)))
    #expect(subnet(0x0a00_0001, bits: 31).hasRoom(for: IPv4Address(0x0a00_0000)))
    #expect(!subnet(0x0a00_0001, bits: 32).hasRoom(for: IPv4Address(0x0a00_0001)))
  }

  @Test func theLiveOnesCanBeRead() throws {
    for subnet in try LocalSubnets.live() ?? [] { #expect(subnet.host.isUsable) }
  }
}

import Testing
import VirbyKit

@testable import virby_lease

@Suite struct DnsmasqLeasesTests {
  @Test func readsEveryColumn() throws {
    let file = try fixture("dnsmasq.leases")
    let record = try #require(file.records.first)
    #expect(file.format == .dnsmasq)
    #expect(record.address == address("192.168.122.5"))
    #expect(record.mac == builder)
    #expect(record.expiry == .at(1_795_162_752))
    #expect(Array(file[record.name]) == Array("builder".utf8))
  }

  @Test func zeroIsForEverAndAStarIsNoName() throws {
    let record = try #require(try fixture("dnsmasq.leases").records.dropFirst().first)
    #expect(record.expiry == .never)
    #expect(record.name == nil)
  }

  @Test func otherHardwareThanEthernetIsLeftOut() throws {
    #expect(try fixture("dnsmasq.leases").addresses == ["192.168.122.5", "192.168.122.6"])
  }

  @Test func leasesOfIPv6AreLeftOut() throws {
    #expect(try fixture("dnsmasq-with-ipv6.leases").addresses == ["192.168.122.5"])
  }

  @Test func aFileOfIPv6AloneHasNoRecords() {
    let file = LeaseFile(bytes: Array("duid 00:01:00:01:2d\n17 6 fd00::5 x 00:01\n".utf8))
    #expect(file.format == .dnsmasq)
    #expect(file.records.isEmpty)
  }
}

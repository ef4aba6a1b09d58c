import Testing
import VirbyKit

@testable import virby_lease

@Suite struct NeighbourTableTests {
  @Test func readsWhatArpPrintsOnMacOS() throws {
    let file = try fixture("arp-macos.txt")
    #expect(file.format == .arp)
    #expect(file.addresses == ["192.168.1.1", "192.168.64.1", "192.168.64.5", "224.0.0.251"])
    #expect(try file.answer() == "192.168.64.5")
  }

  @Test func readsWhatArpPrintsOnLinux() throws {
    let file = try fixture("arp-linux.txt")
    #expect(file.format == .arp)
    #expect(file.addresses == ["192.168.122.5"])
    #expect(try file.answer() == "192.168.122.5")
  }

  @Test func readsWhatIpNeighPrints() throws {
    let file = try fixture("ip-neigh.txt")
    #expect(file.format == .neighbours)
    #expect(file.addresses == ["192.168.122.5", "192.168.122.1"])
    #expect(try file.answer() == "192.168.122.5")
  }

  @Test func neighboursHaveNeitherNameNorExpiry() throws {
    let record = try #require(try fixture("arp-linux.txt").records.first)
    #expect(record.name == nil)
    #expect(record.expiry == .unstated)
  }
}

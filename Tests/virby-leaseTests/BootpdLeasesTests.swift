import Testing
import VirbyKit

@testable import virby_lease

@Suite struct BootpdLeasesTests {
  @Test func readsEveryPropertyOfARecord() throws {
    let file = try fixture("three-guests.leases")
    let record = try #require(file.records.dropFirst().first)
    #expect(file.format == .bootpd)
    #expect(file.records.count == 3)
    #expect(record.address == address("192.168.64.5"))
    #expect(record.mac == builder)
    #expect(record.evidence == .hardware)
    #expect(Array(file[record.name]) == Array("builder".utf8))
    #expect(Array(file[record.client]) == Array("1,2:94:0:a:1:2".utf8))
    #expect(record.expiry == .at(0x6b00_0000))
    #expect(!record.isDeclined)
    #expect(!record.hidesMAC)
  }

  @Test(arguments: ["upper-case.leases", "missing-name.leases", "key-only-name.leases"])
  func findsTheClient(name: String) throws {
    #expect(try fixture(name).answer() == "192.168.64.5")
  }

  @Test(arguments: ["missing-name.leases", "key-only-name.leases"])
  func aMissingNameIsNone(name: String) throws {
    #expect(try fixture(name).records.map(\.name) == [nil])
  }

  @Test func aDUIDDoesNotTellTheMAC() throws {
    let record = try #require(try fixture("duid-client-id.leases").records.first)
    #expect(record.mac == nil)
    #expect(record.hidesMAC)
  }

  @Test func aDUIDOfEthernetEndsWithTheMAC() throws {
    let records = try fixture("duid-with-mac.leases").records
    let next = MACAddress(low48Bits: 0x0294_000a_0103)
    #expect(records.map(\.mac) == [builder, next, nil])
    #expect(records.map(\.evidence) == [.duid, .duid, .duid])
    #expect(records.map(\.hidesMAC) == [false, false, true])
  }

  @Test func theHardwareAddressCountsWhateverTheClientID() throws {
    let record = try #require(try fixture("hardware-type-zero.leases").records.first)
    #expect(record.mac == builder)
    #expect(record.evidence == .hardware)
  }

  @Test func aNameMayComeLast() throws {
    let file = try fixture("name-after-lease.leases")
    #expect(Array(file[file.records.first?.name]) == Array("late".utf8))
  }

  @Test func aNameCannotMakeLines() throws {
    let file = try fixture("hostname-of-control-bytes.leases")
    #expect(file.addresses == ["192.168.64.5", "192.168.64.9"])
    let name = file[file.records.first?.name]
    #expect(name.contains(0x0d))
    #expect(name.last == 0x0c)
  }

  @Test func aNameKeepsItsCarriageReturn() throws {
    let file = try fixture("hostname-ends-with-cr.leases")
    #expect(Array(file[file.records.first?.name]) == Array("builder\r".utf8))
  }

  @Test func aRecordWithAPropertyTwiceIsLeftOut() throws {
    #expect(try fixture("duplicate-key.leases").addresses == ["192.168.64.9"])
  }

  @Test func aDeclinedRecordSaysSo() throws {
    #expect(try fixture("declined.leases").records.map(\.isDeclined) == [true, false])
    #expect(try fixture("declined.leases").answer() == "192.168.64.6")
  }

  @Test func linesMayEndWithCRLF() throws {
    let file = try fixture("crlf.leases")
    #expect(file.addresses == ["192.168.64.5", "192.168.64.9"])
    #expect(file.records.first?.expiry == .at(0x6b00_0000))
    #expect(Array(file[file.records.first?.name]) == Array("builder".utf8))
  }

  @Test(arguments: [
    ("without-final-newline.leases", ["192.168.64.5"]),
    ("line-of-4096-bytes.leases", ["192.168.64.5", "192.168.64.9"]),
    ("stray-lines.leases", ["192.168.64.5", "192.168.64.9"]),
    ("unfinished-record.leases", ["192.168.64.9"]),
    ("embedded-nul.leases", ["192.168.64.5", "192.168.64.9"]),
  ])
  func readsWhatIsWhole(name: String, addresses: [String]) throws {
    #expect(try fixture(name).addresses == addresses)
  }

  @Test func readsInfinity() throws {
    let records = try fixture("infinite.leases").records
    #expect(records.map(\.expiry) == [.never, .never, .unstated])
  }

  @Test func anUnreadableExpiryCostsNothingElse() throws {
    let records = try fixture("unreadable-expiry.leases").records
    #expect(records.count == 7)
    #expect(records.allSatisfy { $0.expiry == .unreadable && $0.mac == builder })
  }

  @Test func readsOddExpiries() throws {
    let records = try fixture("odd-expiry.leases").records
    #expect(
      records.map(\.expiry) == [
        .at(0), .at(0x1_0000_0000), .at(0x8000_0000_0000_0000), .at(0x6b), .at(0x6b),
      ])
  }

  @Test func onlyDottedQuadsAreAddresses() throws {
    let addresses = try fixture("addresses-of-nobody.leases").addresses
    #expect(
      addresses[1...5] == ["0.0.0.0", "127.0.0.1", "169.254.7.8", "224.0.0.1", "255.255.255.255"])
    #expect(addresses.count == 13)
    // A blank behind one hides it from nobody.
    #expect(addresses[10] == "192.168.64.5")
    #expect((addresses[6...9] + addresses[11...]).allSatisfy { $0 == "-" })
    #expect(try fixture("addresses-of-nobody.leases").answer() == "192.168.64.5")
  }

  @Test func onlySixBytesOfEthernetAreAMAC() throws {
    let records = try fixture("malformed-hardware.leases").records
    #expect(records.count == 13)
    #expect(records.allSatisfy { $0.mac == nil })
  }
}

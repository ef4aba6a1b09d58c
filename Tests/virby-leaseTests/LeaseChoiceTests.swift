import Testing
import VirbyKit

@testable import virby_lease

@Suite struct LeaseChoiceTests {
  @Test func anotherClientIsNoAnswer() throws {
    let stranger = MACAddress(low48Bits: 1)
    #expect(try fixture("three-guests.leases").answer(to: .mac(stranger)) == nil)
  }

  @Test(arguments: [
    ("192.168.64.1", "192.168.64.5"), ("192.168.66.1", "192.168.66.5"),
    ("192.168.67.1", "192.168.67.5"), ("10.0.0.1", "192.168.66.5"),
  ])
  func aLiveSubnetComesBeforeALaterEnd(host: String, expected: String) throws {
    let file = try fixture("stale-subnets.leases")
    #expect(try file.answer(subnets: [subnet(host)]) == expected)
  }

  @Test func withoutKnownSubnetsTheLatestEndDecides() throws {
    #expect(try fixture("stale-subnets.leases").answer() == "192.168.66.5")
  }

  @Test func beforeAnyNetworkIsThereALeaseIsTheLastResort() throws {
    let order = LeaseOrder(now: moment, subnets: [])
    let choice = LeaseChoice(of: .mac(builder), in: try fixture("stale-subnets.leases"), by: order)
    #expect(choice.best?.record.address == address("192.168.66.5"))
    #expect(choice.best?.rank.isLive == false)
    // What has not ended still counts for the rest.
    let name = LeaseQuery.name(Array("builder".utf8))
    let named = try fixture("same-name-one-live.leases")
    #expect(try named.answer(to: name, subnets: []) == "192.168.64.9")
    let shared = LeaseChoice(of: .mac(builder), in: try fixture("same-address.leases"), by: order)
    #expect(shared.rival?.mac == MACAddress(low48Bits: 0x0294_0000_0009))
    let hidden = LeaseChoice(of: .mac(builder), in: try fixture("duid-client-id.leases"), by: order)
    #expect(hidden.addressesBehindDUIDs == [address("192.168.64.5")])
  }

  @Test func ofSeveralLeasesTheLastToEndIsTakenThenTheFirst() throws {
    #expect(try fixture("several-expiries.leases").answer() == "192.168.64.6")
  }

  @Test func anExpiredLeaseIsTheLastResort() throws {
    let file = try fixture("only-expired.leases")
    let choice = LeaseChoice(
      of: .mac(builder), in: file, by: LeaseOrder(now: moment, subnets: nil))
    #expect(choice.best?.record.address == address("192.168.64.6"))
    #expect(choice.best?.rank.isLive == false)
  }

  @Test func aLeaseEndsAtItsSecond() throws {
    let file = try fixture("several-expiries.leases")
    for (now, isLive) in [(0x6b00_0000, true), (0x6b00_0001, false)] as [(UInt64, Bool)] {
      let order = LeaseOrder(now: now, subnets: nil)
      #expect(LeaseChoice(of: .mac(builder), in: file, by: order).best?.rank.isLive == isLive)
    }
  }

  @Test func anInfiniteLeaseComesFirst() throws {
    #expect(try fixture("infinite.leases").answer(now: .max - 1) == "192.168.64.5")
  }

  @Test func anUnreadableExpiryComesLast() throws {
    let file = LeaseFile(
      bytes: try fixtureBytes("unreadable-expiry.leases") + fixtureBytes("three-guests.leases"))
    #expect(try file.answer() == "192.168.64.5")
    #expect(try fixture("unreadable-expiry.leases").answer() == "192.168.64.5")
  }

  @Test func aRecordWithoutClientIDIsTheLastResort() throws {
    #expect(try fixture("without-identifier.leases").answer() == "192.168.64.5")
    let better = try fixtureBytes("without-identifier.leases") + fixtureBytes("only-expired.leases")
    #expect(
      try LeaseFile(bytes: better).answer() == (try fixture("only-expired.leases").answer()))
  }

  @Test func theHostsOwnAddressIsSkipped() throws {
    let file = try fixture("three-guests.leases")
    #expect(try file.answer(subnets: [subnet("192.168.64.5")]) == nil)
    #expect(try file.answer(subnets: [subnet("192.168.64.6", bits: 31)]) == "192.168.64.5")
    #expect(try file.answer(subnets: [subnet("192.168.64.4", bits: 31)]) == "192.168.64.5")
    // Its last and its first address are no guest's either.
    #expect(try file.answer(subnets: [subnet("192.168.64.6", bits: 30)]) == "192.168.64.5")
    let first = try fixture("several-expiries.leases")
    #expect(try first.answer(subnets: [subnet("192.168.64.5", bits: 30)]) == "192.168.64.6")
    #expect(try first.answer(subnets: [subnet("192.168.64.6", bits: 30)]) == "192.168.64.5")
  }

  @Test func hardwareCountsMoreThanADUID() throws {
    let cloned = try fixtureBytes("duid-with-mac.leases")
    let file = LeaseFile(bytes: cloned + (try fixtureBytes("only-expired.leases")))
    #expect(try file.answer() == "192.168.64.6")
    #expect(file.records.first?.address == address("192.168.64.6"))
    let choice = LeaseChoice(
      of: .mac(builder), in: file, by: LeaseOrder(now: moment, subnets: nil))
    #expect(choice.best?.rank.evidence == .hardware)
  }

  @Test func namesWhoMayHideBehindADUID() throws {
    let file = try fixture("duid-client-id.leases")
    func hidden(_ subnets: [Subnet]?, _ now: UInt64) throws -> [IPv4Address] {
      let order = LeaseOrder(now: now, subnets: subnets)
      return LeaseChoice(of: .mac(builder), in: file, by: order).addressesBehindDUIDs
    }
    #expect(try hidden(nil, moment) == [address("192.168.64.5")])
    #expect(try hidden([subnet("10.0.0.1")], moment).isEmpty)
    #expect(try hidden(nil, 0x7000_0000).isEmpty)
  }

  @Test func aNameIsComparedByteForByte() throws {
    let file = try fixture("hostname-ends-with-cr.leases")
    #expect(try file.answer(to: .name(Array("builder\r".utf8))) == "192.168.64.5")
    #expect(try file.answer(to: .name(Array("builder".utf8))) == nil)
    #expect(try file.answer(to: .name(Array("Builder\r".utf8))) == nil)
  }

  @Test func aNameOfSeveralLiveClientsIsRefused() throws {
    let failure = #expect(throws: Failure.self) {
      try fixture("same-name.leases").answer(to: .name(Array("builder".utf8)))
    }
    #expect(failure?.status == .malformed)
    #expect(
      failure?.message == "more than one lease named 'builder': '192.168.64.5', '192.168.64.9'")
  }

  @Test func aNameMayHaveBeenAnothersOnce() throws {
    let file = try fixture("same-name-one-live.leases")
    #expect(try file.answer(to: .name(Array("builder".utf8))) == "192.168.64.9")
  }

  @Test func aClientMayHaveItsNameInSeveralNetworks() throws {
    let file = try fixture("same-name-same-mac.leases")
    #expect(try file.answer(to: .name(Array("builder".utf8))) == "192.168.66.5")
  }

  @Test func twoClientsWithOneAddressAreRivals() throws {
    let file = try fixture("same-address.leases")
    let order = LeaseOrder(now: moment, subnets: nil)
    let choice = LeaseChoice(of: .mac(builder), in: file, by: order)
    #expect(choice.rival?.mac == MACAddress(low48Bits: 0x0294_0000_0009))
    let alone = LeaseChoice(
      of: .mac(builder), in: try fixture("three-guests.leases"), by: order)
    #expect(alone.rival == nil)
  }
}

import Testing
import VirbyKit

@testable import virby_lease

@Suite struct LeaseTableTests {
  private func table(
    _ name: String, for query: LeaseQuery? = .mac(builder), subnets: [Subnet]? = nil
  ) throws -> LeaseTable {
    try LeaseTable(
      of: fixture(name), for: query, by: LeaseOrder(now: moment, subnets: subnets))
  }

  @Test func saysWhyEachRecordIsOrIsNotChosen() throws {
    #expect(
      try table("several-expiries.leases").text == """
        ADDRESS       MAC                EXPIRES  NAME     VERDICT
        192.168.64.5  02:94:00:0a:01:02  in 194d  builder  ends earlier
        192.168.64.6  02:94:00:0a:01:02  in 388d  builder  chosen, live
        192.168.64.7  02:94:00:0a:01:02  in 388d  builder  later in the file
        192.168.64.8  02:94:00:0a:01:02  in 388d  builder  ends earlier
        """)
  }

  @Test func saysWhatIsWrongWithARecord() throws {
    let text = try table("declined.leases", subnets: [subnet("10.0.0.1")]).text
    #expect(text.contains("builder  declined by the client\n"))
    #expect(text.hasSuffix("builder  chosen, outside the live subnets"))
  }

  @Test func saysThatNoNetworkIsThereSoFar() throws {
    let text = try table("three-guests.leases", for: nil, subnets: []).text
    #expect(text.contains("builder  no live subnet so far\n"))
  }

  @Test func judgesEachRecordForItselfIfNobodyIsAskedFor() throws {
    let text = try table("only-expired.leases", for: nil).text
    #expect(
      text.split(separator: "\n").dropFirst().allSatisfy { $0.hasSuffix(" ago  builder  expired") })
  }

  @Test func showsTheClientIDWhereTheMACIsHidden() throws {
    #expect(
      try table("duid-client-id.leases").text.contains(
        "192.168.64.5  ff,f1:f5:dd:7f:0:2:0:0:ab:11:9d:5e:41:6:7f:41:28:f0  in 388d  builder  MAC behind a DUID"
      ))
  }

  @Test func neitherFormCarriesBytesBeyondPrintableASCII() throws {
    let table = try table("hostname-of-control-bytes.leases")
    let name =
      "x%0D%09ip_address=192.168.64.66%0D}%0D{%1B[2J%1B]0;owned%07=}%FF%C2%9B31m%E2%80%A8%85%0B%0C"
    #expect(table.text.contains(" \(name) "))
    for text in [table.text, try table.json()] {
      #expect(text.utf8.allSatisfy { (0x20..<0x7f).contains($0) || $0 == 0x0a })
    }
    #expect(try table.json().contains("\"name\":\"\(name)\""))
    #expect(PercentEncoding.decode(name.utf8)?.last == 0x0c)
  }

  @Test func theJSONLeavesOutWhatARecordLacks() throws {
    #expect(
      try table("without-identifier.leases", for: nil).json() == """
        [{"address":"192.168.64.5","expires":1795162112,"mac":"02:94:00:0a:01:02",\
        "name":"builder","verdict":"without a client id"}]
        """)
  }
}

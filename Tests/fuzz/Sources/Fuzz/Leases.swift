import VirbyKit

@testable import VirbyLease

/// This machine's own address.
private let host = IPv4Address(0xc0a8_4001)

/// Reads a lease file.
func testLeases(_ input: [UInt8], as format: LeaseFile.Format? = nil) {
  let file = LeaseFile(bytes: input)
  check(format == nil || format == file.format, "the first line tells the format")
  let order = LeaseOrder(now: 0x6900_0000, subnets: [Subnet(host: host, mask: 0xffff_ff00)])
  let records = file.records
  let table = LeaseTable(of: file, for: nil, by: order)
  checkHarmless(table.text)
  guard let json = try? table.json() else { return check(false, "the table can be JSON") }
  checkHarmless(json)
  check(records.map(\.position) == records.map(\.position).sorted(), "records are in order")
  // Each query looks through the records again.
  for record in records.prefix(8) {
    if let mac = record.mac { testChoice(.mac(mac), in: file, by: order) }
    if let name = record.name { testChoice(.name(Array(file[name])), in: file, by: order) }
  }
}

private func testChoice(_ query: LeaseQuery, in file: LeaseFile, by order: LeaseOrder) {
  let choice = LeaseChoice(of: query, in: file, by: order)
  if let address = choice.best?.record.address {
    check(Endpoint.canonical(address.description) == address.description, "the answer is IPv4")
    check(address.isUsable && address != host, "a guest can have the answer")
  }
  checkHarmless(LeaseTable(of: file, for: query, by: order).text)
  do throws(Failure) { try choice.refuseSeveralHolders() } catch {
    checkHarmless("\(error.message)\(error.hint ?? "")")
  }
  if let rival = choice.rival {
    check(rival.address == choice.best?.record.address, "a rival has the answer's address")
  }
}

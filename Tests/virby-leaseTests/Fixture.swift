import Foundation
import VirbyKit

@testable import virby_lease

/// The moment at which the tests look: before 0x6a000000, after 0x5a000000.
let moment: UInt64 = 0x6900_0000

/// The builder of most fixtures.
let builder = MACAddress(low48Bits: 0x0294_000a_0102)

/// A file of the folder Fixtures.
func fixture(_ name: String) throws -> LeaseFile {
  LeaseFile(bytes: try fixtureBytes(name))
}

func fixtureBytes(_ name: String) throws -> [UInt8] {
  Array(try Data(contentsOf: Bundle.module.bundleURL.appending(path: "Fixtures/\(name)")))
}

func address(_ text: String) -> IPv4Address? { IPv4Address(text: text.utf8) }

func subnet(_ host: String, bits: Int = 24) -> Subnet {
  Subnet(host: address(host) ?? IPv4Address(0), mask: ~UInt32(0) << UInt32(32 - bits))
}

extension LeaseFile {
  /// The addresses of all records, `-` for none.
  var addresses: [String] { records.map { $0.address?.description ?? "-" } }

  /// The address that answers for a client.
  func answer(
    to query: LeaseQuery = .mac(builder), subnets: [Subnet]? = nil, now: UInt64 = moment
  ) throws -> String? {
    let order = LeaseOrder(now: now, subnets: subnets)
    let choice = LeaseChoice(of: query, in: self, by: order)
    try choice.refuseSeveralHolders()
    return choice.best?.record.address?.description
  }
}

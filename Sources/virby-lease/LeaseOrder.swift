import VirbyKit

/// Which records can be answered at one moment, and which of them first.
struct LeaseOrder {
  /// The moment, in seconds since 1970.
  let now: UInt64
  /// The networks that VMs can be on; none if that is not known, and then nobody is preferred for
  /// it.
  let subnets: [Subnet]

  /// Why a record is never the answer.
  enum Fault: String {
    case declined = "declined by the client"
    case noClient = "without a client id"
    case noAddress = "without a valid address"
    case ownAddress = "not an address for a guest"
  }

  /// What is wrong with a record.
  func fault(of record: LeaseRecord) -> Fault? {
    if record.isDeclined { return .declined }
    if record.client == nil { return .noClient }
    guard let address = record.address, address.isUsable else { return .noAddress }
    let network = subnets.first { $0.contains(address) }
    return network.map { $0.hasRoom(for: address) } ?? true ? nil : .ownAddress
  }

  /// The rank of a record without fault.
  func rank(of record: LeaseRecord) -> LeaseRank {
    let isInside =
      subnets.isEmpty || subnets.contains { record.address.map($0.contains) ?? false }
    return LeaseRank(
      evidence: record.evidence, isInside: isInside,
      isUnexpired: record.expiry.holds(at: now), expiry: record.expiry.rank,
      position: record.position)
  }

  /// What becomes of a record, whoever asks.
  func verdict(on record: LeaseRecord) -> String {
    if let fault = fault(of: record) { return fault.rawValue }
    let rank = rank(of: record)
    if !rank.isInside { return "outside the live subnets" }
    return rank.isUnexpired ? "live" : "expired"
  }
}

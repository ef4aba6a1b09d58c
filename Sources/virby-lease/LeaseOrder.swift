import VirbyKit

/// Which records can be answered at one moment, and which of them first.
struct LeaseOrder {
  /// The moment, in seconds since 1970.
  let now: UInt64
  /// The networks that VMs are on now; empty before the first VM is on one, nil if that cannot be known,
  /// and then nobody is preferred for it.
  let subnets: [Subnet]?

  /// Why a record is never the answer.
  enum Fault: String {
    case declined = "declined by the client"
    case noAddress = "without a valid address"
    case ownAddress = "not an address for a guest"
  }

  /// What is wrong with a record.
  func fault(of record: LeaseRecord) -> Fault? {
    if record.isDeclined { return .declined }
    guard let address = record.address, address.isUsable else { return .noAddress }
    let network = subnets?.first { $0.contains(address) }
    return network.map { $0.hasRoom(for: address) } ?? true ? nil : .ownAddress
  }

  /// The rank of a record without fault.
  func rank(of record: LeaseRecord) -> LeaseRank {
    return LeaseRank(
      hasClient: record.client != nil, evidence: record.evidence, place: place(of: record),
      isUnexpired: record.expiry.holds(at: now), expiry: record.expiry.rank,
      position: record.position)
  }

  /// What becomes of a record, whoever asks.
  func verdict(on record: LeaseRecord) -> String {
    if let fault = fault(of: record) { return fault.rawValue }
    let rank = rank(of: record)
    if rank.place == .outside { return "outside the live subnets" }
    if !rank.isUnexpired { return "expired" }
    if !rank.hasClient { return "without a client id" }
    return rank.isLive ? "live" : "no live subnet so far"
  }

  private func place(of record: LeaseRecord) -> LeaseRank.Place {
    guard let subnets else { return .inside }
    if subnets.isEmpty { return .nowhere }
    return subnets.contains { record.address.map($0.contains) ?? false } ? .inside : .outside
  }
}

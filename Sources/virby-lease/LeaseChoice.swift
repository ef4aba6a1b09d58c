import VirbyKit

/// The records of one client in a file, and the one that answers for its address.
struct LeaseChoice {
  private let query: LeaseQuery
  private let file: LeaseFile
  private let order: LeaseOrder
  private let records: [LeaseRecord]
  /// The records of the client that can be the answer, and their ranks.
  private let candidates: [(record: LeaseRecord, rank: LeaseRank)]
  /// The record that is the answer.
  let best: (record: LeaseRecord, rank: LeaseRank)?

  /// Looks through a file.
  init(of query: LeaseQuery, in file: LeaseFile, by order: LeaseOrder) {
    (self.query, self.file, self.order) = (query, file, order)
    records = file.records
    candidates =
      records
      .filter { query.matches($0, in: file) && order.fault(of: $0) == nil }
      .map { ($0, order.rank(of: $0)) }
    best = candidates.max { $0.rank < $1.rank }
  }

  /// Addresses leased to clients whose MAC cannot be told: one of them may be the client's own.
  var addressesBehindDUIDs: [IPv4Address] {
    records.filter { $0.hidesMAC && holds($0) }.compactMap(\.address)
  }

  /// Another client to which the same address is leased.
  var rival: LeaseRecord? {
    guard let best, let address = best.record.address else { return nil }
    return records.first {
      $0.address == address && !isSameClient($0, best.record) && holds($0)
    }
  }

  /// What becomes of a record, and why it is not the answer if it is not.
  func verdict(on record: LeaseRecord) -> String {
    let alone = order.verdict(on: record)
    if order.fault(of: record) != nil { return alone }
    guard query.matches(record, in: file), let best else {
      return record.hidesMAC ? "MAC behind a DUID" : "another client"
    }
    let rank = order.rank(of: record)
    return rank == best.rank ? "chosen, \(alone)" : rank.shortcoming(against: best.rank)
  }

  /// Refuses a name that several clients claim, and whose leases have all ended or of which several hold.
  ///
  /// - Throws: 65.
  func refuseSeveralHolders() throws(Failure) {
    guard case .name = query, let best else { return }
    let other = candidates.first { record, rank in
      !isSameClient(record, best.record) && rank.holds == best.rank.holds
    }
    guard let other else { return }
    let addresses = [best.record, other.record].compactMap { $0.address?.description }
    throw Failure(
      .malformed,
      "more than one lease \(query): '\(addresses.joined(separator: "', '"))'",
      hint: "anyone can claim a name: ask for the MAC instead")
  }

  private func holds(_ record: LeaseRecord) -> Bool {
    order.fault(of: record) == nil && order.rank(of: record).holds
  }

  private func isSameClient(_ one: LeaseRecord, _ other: LeaseRecord) -> Bool {
    if let mac = one.mac, let otherMAC = other.mac { return mac == otherMAC }
    return file[one.client] == file[other.client]
  }
}

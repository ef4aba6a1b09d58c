import VirbyKit

/// The records of one client in a file, and the one that answers for its address.
struct LeaseChoice {
  private let query: LeaseQuery
  private let file: LeaseFile
  private let order: LeaseOrder
  /// The record that is the answer.
  private(set) var best: (record: LeaseRecord, rank: LeaseRank)?

  /// Looks through a file.
  init(of query: LeaseQuery, in file: LeaseFile, by order: LeaseOrder) {
    (self.query, self.file, self.order) = (query, file, order)
    for (position, record) in file.records.enumerated()
    where query.matches(record, in: file) && order.fault(of: record) == nil {
      let rank = order.rank(of: record, at: position)
      if let best, rank < best.rank { continue }
      best = (record, rank)
    }
  }

  /// Live addresses of clients whose MAC cannot be told: one of them may be the client's own.
  var addressesBehindDUIDs: [IPv4Address] {
    file.records.enumerated().compactMap { position, record in
      guard record.hidesMAC, order.fault(of: record) == nil,
        order.rank(of: record, at: position).isLive
      else { return nil }
      return record.address
    }
  }

  /// Another client with a live lease of the same address.
  var rival: LeaseRecord? {
    guard let best else { return nil }
    return file.records.enumerated().first { position, record in
      record.address == best.record.address && !isSameClient(record, best.record)
        && order.fault(of: record) == nil && order.rank(of: record, at: position).isLive
    }?.element
  }

  /// What becomes of a record, and why it is not the answer if it is not.
  func verdict(on record: LeaseRecord, at position: Int) -> String {
    let alone = order.verdict(on: record, at: position)
    if order.fault(of: record) != nil { return alone }
    guard query.matches(record, in: file), let best else {
      return record.hidesMAC ? "MAC behind a DUID" : "another client"
    }
    let rank = order.rank(of: record, at: position)
    return rank == best.rank ? "chosen, \(alone)" : rank.shortcoming(against: best.rank)
  }

  /// Refuses a name that several clients claim, and of which none is live or several are.
  ///
  /// - Throws: 65.
  func refuseSeveralHolders() throws(Failure) {
    guard case .name = query, let best else { return }
    let other = file.records.enumerated().first { position, record in
      query.matches(record, in: file) && !isSameClient(record, best.record)
        && order.fault(of: record) == nil
        && order.rank(of: record, at: position).isLive == best.rank.isLive
    }
    guard let other = other?.element else { return }
    let addresses = [best.record, other].compactMap { $0.address?.description }
    throw Failure(
      .malformed,
      "more than one lease \(query): '\(addresses.joined(separator: "', '"))'",
      hint: "anyone can claim a name: ask for the MAC instead")
  }

  private func isSameClient(_ one: LeaseRecord, _ other: LeaseRecord) -> Bool {
    if let mac = one.mac, let otherMAC = other.mac { return mac == otherMAC }
    return file[one.client] == file[other.client]
  }
}

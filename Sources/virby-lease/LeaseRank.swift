/// A record's place among those of one client; the greatest is the answer.
struct LeaseRank: Comparable {
  /// How the record tells the MAC.
  let evidence: LeaseRecord.Evidence
  /// Whether the address is in a network that is there now, or no such network is known.
  let isInside: Bool
  /// Whether the lease holds.
  let isUnexpired: Bool
  /// The end of the lease, the later the greater.
  let expiry: UInt64
  /// Where in the file the record stands.
  let position: Int

  /// Whether the record can be taken at once. One that is not is the last resort: the client
  /// may yet get another.
  var isLive: Bool { isInside && isUnexpired }

  static func < (one: LeaseRank, other: LeaseRank) -> Bool {
    one.firstDifference(from: other)?.isWorse ?? false
  }

  /// Why this record comes after that one.
  func shortcoming(against best: LeaseRank) -> String {
    firstDifference(from: best)?.reason ?? "same record"
  }

  /// The first criterion on which the two differ, and whether the other is better there.
  private func firstDifference(from other: LeaseRank) -> (reason: String, isWorse: Bool)? {
    if evidence != other.evidence {
      return ("weaker evidence of the MAC", evidence.rawValue > other.evidence.rawValue)
    }
    if isInside != other.isInside { return ("outside the live subnets", other.isInside) }
    if isUnexpired != other.isUnexpired { return ("expired", other.isUnexpired) }
    if expiry != other.expiry { return ("ends earlier", expiry < other.expiry) }
    if position != other.position { return ("later in the file", position > other.position) }
    return nil
  }
}

/// A record's place among those of one client; the greatest is the answer.
struct LeaseRank: Comparable {
  /// Whether it names a client. One that bootpd gave to none may be of a lease that never was.
  let hasClient: Bool
  /// How the record tells the MAC.
  let evidence: LeaseRecord.Evidence
  /// Where the address is.
  let place: Place
  /// Whether the lease holds.
  let isUnexpired: Bool
  /// The end of the lease, the later the greater.
  let expiry: UInt64
  /// Where in the file the record stands.
  let position: Int

  /// Where an address is.
  enum Place: Int {
    /// In a network that is there now, or that may be there.
    case inside
    /// No network is there so far.
    case nowhere
    /// In none of the networks that are there.
    case outside
  }

  /// Whether the record can be taken at once. One that is not is the last resort: the client may still
  /// get another.
  var isLive: Bool { place == .inside && isUnexpired && hasClient }

  /// Why the record is the last resort, as the end of a sentence; nil if it is not.
  var weakness: String? {
    if place == .outside { return "is outside the networks that are there" }
    if !isUnexpired { return "has expired" }
    if !hasClient { return "is of a lease without a client" }
    return place == .nowhere ? "is in a network that is not there yet" : nil
  }

  /// Whether the record is live, or was when its network was last there.
  var holds: Bool { place != .outside && isUnexpired }

  static func < (one: LeaseRank, other: LeaseRank) -> Bool {
    one.firstDifference(from: other)?.isWorse ?? false
  }

  /// Why this record comes after that one.
  func shortcoming(against best: LeaseRank) -> String {
    firstDifference(from: best)?.reason ?? "same record"
  }

  /// The first criterion on which the two differ, and whether the other is better there.
  private func firstDifference(from other: LeaseRank) -> (reason: String, isWorse: Bool)? {
    if hasClient != other.hasClient { return ("without a client id", other.hasClient) }
    if evidence != other.evidence {
      return ("weaker evidence of the MAC", evidence.rawValue > other.evidence.rawValue)
    }
    if place != other.place {
      return ("outside the live subnets", place.rawValue > other.place.rawValue)
    }
    if isUnexpired != other.isUnexpired { return ("expired", other.isUnexpired) }
    if expiry != other.expiry { return ("ends earlier", expiry < other.expiry) }
    if position != other.position { return ("later in the file", position > other.position) }
    return nil
  }
}

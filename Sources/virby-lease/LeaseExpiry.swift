/// When a lease ends.
enum LeaseExpiry: Equatable {
  /// At that second since 1970.
  case at(UInt64)
  /// Never.
  case never
  /// The source does not say: a neighbour table, or a bootpd record without `lease`, which bootpd
  /// itself takes for one that does not end.
  case unstated
  /// What the source says is no time.
  case unreadable

  /// Whether the lease holds at that second.
  func holds(at now: UInt64) -> Bool {
    switch self {
    case .at(let end): end > now
    case .never, .unstated: true
    case .unreadable: false
    }
  }

  /// The second since 1970, if there is one.
  var seconds: UInt64? {
    if case .at(let end) = self { end } else { nil }
  }

  /// Later ends have greater ranks.
  var rank: UInt64 {
    switch self {
    case .at(let end): end
    case .never, .unstated: .max
    case .unreadable: 0
    }
  }
}

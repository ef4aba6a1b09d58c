/// How far the exchange of a key set, A, for the next, B, has come.
///
/// The two `.next` files say it, and change in an order in which each of the four states looks unlike
/// the others: a cut in the power needs no other record. What each state makes of the set:
///
///     state      .next holds  client's key  guest's, at its next boot  known_hosts
///                             logs in as    presents   lets in         knows
///     none       nothing      A             A          A               A
///     beginning  user         A             A          A               A
///     underWay   user, host   A             B          A and B         A and B
///     finishing  host         B             B          B               B
///
/// On the way to `underWay` known_hosts widens before the guest gets the host key B. A login with both
/// keys B proves that the guest that runs has booted since, and lets in A and B: then the client's key
/// may change. So the client's key is one that every guest lets in that runs or boots, and the guest's
/// host key is one that known_hosts knows, whatever kills us where.
enum Rotation: CaseIterable {
  case none
  case beginning
  case underWay
  case finishing

  /// The state that the two files tell of.
  init(hasNextUserKey: Bool, hasNextHostKey: Bool) {
    self =
      switch (hasNextUserKey, hasNextHostKey) {
      case (false, false): .none
      case (true, false): .beginning
      case (true, true): .underWay
      case (false, true): .finishing
      }
  }

  /// What the run was about to reach whose death has left this state.
  var aim: Rotation {
    switch self {
    case .none, .finishing: .none
    case .beginning, .underWay: .underWay
    }
  }
}

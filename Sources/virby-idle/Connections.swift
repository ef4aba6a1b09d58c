/// The connections that are open, by what the events say of them.
///
/// There are two accounts: the ids that have been opened and not closed, and how many the latest event says
/// are open. They differ when a line was lost, and when several forwarders stand in one pipeline, each with
/// ids and a count of its own. The larger one holds: a VM that stays up does less harm than one that stops
/// under a build.
struct Connections {
  /// What is odd about an event.
  enum Oddity: Hashable {
    /// Something was closed that is not open.
    case closedUnopened
    /// Something was opened that is open already.
    case openedTwice
    /// The accounts differ.
    case miscounted
  }

  private var ids: [String: Int] = [:]
  private var count = 0
  private var told = 0
  private var forwarders = 0

  /// How many are open.
  var active: Int { max(count, told) }

  /// What there is to say of an oddity that an id's event has shown.
  func account(of oddity: Oddity, _ id: String) -> String {
    switch oddity {
    case .closedUnopened: "a 'close' of '\(id)', which is not open, is not counted"
    case .openedTwice: "an 'open' of '\(id)', which is already open, is counted again"
    case .miscounted: "'active' is \(told) where \(count) are open; the larger number counts"
    }
  }

  /// Another forwarder listens.
  mutating func addForwarder() { forwarders += 1 }

  /// A connection has been opened, and so many are open now by the forwarder's own account.
  mutating func open(_ id: String, active: Int?) -> Oddity? {
    count += 1
    ids[id, default: 0] += 1
    return heed(active) ?? (isSole && ids[id] != 1 ? .openedTwice : nil)
  }

  /// A connection has been closed, and so many are open now. One that was never opened is not counted.
  mutating func close(_ id: String, active: Int?) -> Oddity? {
    guard let times = ids[id] else {
      _ = heed(active)
      return .closedUnopened
    }
    count -= 1
    ids[id] = times > 1 ? times - 1 : nil
    return heed(active)
  }

  private mutating func heed(_ active: Int?) -> Oddity? {
    guard let active else { return nil }
    told = active
    return isSole && told != count ? .miscounted : nil
  }

  private var isSole: Bool { forwarders < 2 }
}

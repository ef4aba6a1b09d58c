import VirbyKit

/// The command's place in the pipeline: tells the address of each guest that runs, once it has one.
struct LeaseFilter {
  /// Where leases are looked up.
  let source: LeaseSource
  /// How long a guest may take to get its lease.
  let patience: Duration
  /// Hears what is decided on the way.
  let log: Diagnostics

  private let stage: Stage
  private var waiting: [(mac: MACAddress, lookup: LeaseLookup, deadline: ContinuousClock.Instant)] =
    []
  private var watch: LeaseWatch?

  /// Takes its place.
  ///
  /// - Throws: 71.
  init(source: LeaseSource, patience: Duration, log: Diagnostics) throws(Failure) {
    (self.source, self.patience, self.log) = (source, patience, log)
    stage = try Stage()
  }

  /// Filters until the input ends, the reader is gone or a signal asks for a stop.
  ///
  /// - Throws: 65 for a malformed line, 69 or 75 if a guest does not get a lease in time, 71.
  mutating func run() throws(Failure) {
    while true {
      let deadline = waiting.map(\.deadline).min()
      let nextLook = watch.map(\.nextLook)
      let wake = [deadline, nextLook].compactMap { $0 }.min()
      switch try stage.next(until: wake, also: [watch?.watch ?? .nothing]) {
      case .line(let line):
        try stage.pass(line)
        try heed(line.event)
      case .ready, .deadline:
        try lookAgain()
      case .inputEnd, .hangup, .signal:
        return stage.end()
      }
    }
  }

  /// A guest that runs and whose way in is not known yet needs its lease found.
  private mutating func heed(_ event: Event) throws(Failure) {
    guard event.is(.running), event["at"] == nil, let text = event["mac"] else { return }
    guard let mac = MACAddress(text) else {
      throw Failure(
        .malformed, "'running' with a malformed MAC: '\(PercentEncoding.printable(text.utf8))'")
    }
    let lookup = LeaseLookup(query: .mac(mac), source: source, log: log)
    waiting.removeAll { $0.mac == mac }
    if watch == nil { watch = LeaseWatch(of: source, log: log) }
    waiting.append((mac, lookup, .now + patience))
    try look()
  }

  private mutating func lookAgain() throws(Failure) {
    let isDue = watch?.isDue() ?? false
    if isDue || waiting.contains(where: { $0.deadline <= .now }) { try look() }
  }

  private mutating func look() throws(Failure) {
    for (mac, lookup, deadline) in waiting {
      let record = deadline <= .now ? try lookup.settle(after: patience) : try lookup.look()
      guard let record, let address = record.address else { continue }
      try stage.tell(lease(of: mac, at: address, until: record.expiry.seconds))
      waiting.removeAll { $0.mac == mac }
    }
    // Nobody waits: no more waking up.
    if waiting.isEmpty { watch = nil }
  }

  private func lease(of mac: MACAddress, at address: IPv4Address, until end: UInt64?) -> Event {
    guard let end else { return Event(.lease, ["mac": mac, "address": address]) }
    return Event(.lease, ["mac": mac, "address": address, "expires": end])
  }
}

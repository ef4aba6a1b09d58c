import VirbyKit

/// The command's place in the pipeline: tells the address of each guest that runs, once it has one.
struct LeaseFilter {
  /// Where leases are looked up.
  let source: LeaseSource
  /// How long a guest may take to get its lease.
  let patience: Duration
  /// Hears what is decided on the way.
  let log: Diagnostics

  /// A guest without a lease so far.
  private struct Guest {
    let mac: MACAddress
    let deadline: ContinuousClock.Instant
  }

  private let stage: Stage
  private var waiting: [Guest] = []
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
      let wake = (waiting.map(\.deadline) + [watch?.nextLook].compactMap { $0 }).min()
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
    waiting.removeAll { $0.mac == mac }
    waiting.append(Guest(mac: mac, deadline: .now + patience))
    // The watch comes first: what is written after the look is then reported.
    if watch == nil { watch = LeaseWatch(of: source, log: log) }
    try look()
    if waiting.contains(where: { $0.mac == mac }) {
      log.explain("waiting \(patience.text) for a live lease for '\(mac)'")
    }
  }

  private mutating func lookAgain() throws(Failure) {
    let isDue = watch?.isDue() ?? false
    if isDue || waiting.contains(where: { $0.deadline <= .now }) { try look() }
  }

  private mutating func look() throws(Failure) {
    for guest in waiting {
      let lookup = LeaseLookup(query: .mac(guest.mac), source: source, log: log)
      let isLast = guest.deadline <= .now
      let record = isLast ? try lookup.settle(after: patience) : try lookup.look()
      guard let record, let address = record.address else { continue }
      try stage.tell(lease(of: guest.mac, at: address, until: record.expiry.seconds))
      waiting.removeAll { $0.mac == guest.mac }
    }
    // Nobody waits: no more waking up.
    if waiting.isEmpty { watch = nil }
  }

  private func lease(of mac: MACAddress, at address: IPv4Address, until end: UInt64?) -> Event {
    guard let end else { return Event(.lease, ["mac": mac, "address": address]) }
    return Event(.lease, ["mac": mac, "address": address, "expires": end])
  }
}

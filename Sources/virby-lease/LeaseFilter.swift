import VirbyKit

/// The command's place in the pipeline: tells the address of each guest that runs, once it has one.
struct LeaseFilter {
  /// Where leases are looked up.
  let source: LeaseSource
  /// How long a guest may take to get its lease.
  let patience: Duration
  /// Hears what is decided on the way.
  let log: Diagnostics

  /// A guest that runs.
  private struct Guest {
    let mac: MACAddress
    /// When it must have a lease.
    let deadline: ContinuousClock.Instant
    /// The address that was told last.
    var address: IPv4Address?
  }

  private let stage: Stage
  private var guests: [Guest] = []
  private var watch: LeaseWatch?
  private var hasWarned = false

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
        let isDue = watch?.isDue() ?? false
        if isDue || waiting.contains(where: { $0.deadline <= .now }) { try look() }
      case .inputEnd, .hangup, .signal:
        return stage.end()
      }
    }
  }

  private var waiting: [Guest] { guests.filter { $0.address == nil } }

  /// A guest that runs and whose way in is not known needs its lease found.
  private mutating func heed(_ event: Event) throws(Failure) {
    guard event.is(.running), event["at"] == nil, let text = event["mac"] else { return }
    guard let mac = MACAddress(text) else {
      throw Failure(
        .malformed, "'running' with a malformed MAC: '\(PercentEncoding.printable(text.utf8))'")
    }
    guests.removeAll { $0.mac == mac }
    guests.append(Guest(mac: mac, deadline: .now + patience))
    // The watch comes first: what is written after the look is then reported. It begins anew, for the
    // one that is there may have relaxed.
    watch = LeaseWatch(of: source, log: log)
    try look()
    if waiting.contains(where: { $0.mac == mac }) {
      log.explain("waiting \(patience.text) for a live lease for '\(mac)'")
    }
  }

  /// Looks for everyone, and tells each address that is not the one told last.
  private mutating func look() throws(Failure) {
    for index in guests.indices {
      let guest = guests[index]
      guard let answer = try answer(for: guest), answer.address != guest.address else { continue }
      answer.warnOfRival(log)
      try stage.tell(lease(of: guest.mac, answer))
      guests[index].address = answer.address
    }
    if waiting.isEmpty { watch?.relax() }
  }

  private mutating func answer(for guest: Guest) throws(Failure) -> LeaseAnswer? {
    let lookup = LeaseLookup(query: .mac(guest.mac), source: source, log: log)
    guard let address = guest.address else {
      return guest.deadline <= .now ? try lookup.settle(after: patience) : try lookup.look()
    }
    // It is reached, so nothing that becomes of the file is a reason to end.
    do throws(Failure) { return try lookup.look() } catch {
      if !hasWarned { log.warn("'\(guest.mac)' keeps '\(address)': \(error.message)") }
      hasWarned = true
      return nil
    }
  }

  private func lease(of mac: MACAddress, _ answer: LeaseAnswer) -> Event {
    guard let end = answer.expiry.seconds else {
      return Event(.lease, ["mac": mac, "address": answer.address])
    }
    return Event(.lease, ["mac": mac, "address": answer.address, "expires": end])
  }
}

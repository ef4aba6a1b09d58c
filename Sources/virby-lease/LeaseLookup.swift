import VirbyKit

/// A client's lease, looked up as often as it takes.
struct LeaseLookup {
  /// Whose lease.
  let query: LeaseQuery
  /// Where it is looked up.
  let source: LeaseSource
  /// Hears what is decided on the way.
  let log: Diagnostics

  /// Looks for a live lease: one that holds, in a network that is there. A client that boots may
  /// still get it, so everything else is worth waiting for.
  ///
  /// - Returns: nil if there is none.
  /// - Throws: 65 if a name is claimed by several clients, 71 if the source cannot be read.
  func look() throws(Failure) -> LeaseAnswer? {
    guard let (file, choice) = try choose(repeatedly: true), let best = choice.best,
      best.rank.isLive
    else { return nil }
    return try answer(best.record, in: file, choice)
  }

  /// Looks for the last time: an expired lease, or one outside the networks that are there, is
  /// better than none.
  ///
  /// - Parameter patience: How long a lease has been waited for; nil if it has not.
  /// - Throws: As `look`, and if there is no lease 1, or 75 after a wait; 69 if a client hides its
  ///   MAC, 65 if the source is no lease file.
  func settle(after patience: Duration? = nil) throws(Failure) -> LeaseAnswer {
    guard let (file, choice) = try choose(repeatedly: patience != nil) else {
      throw absence(because: "\(source) does not exist", after: patience)
    }
    if let best = choice.best {
      let found = try answer(best.record, in: file, choice)
      if let weakness = best.rank.weakness {
        log.warn("no live lease \(query): '\(found.address)' \(weakness)")
      }
      return found
    }
    if file.isForeign { throw source.foreign }
    let hidden = choice.addressesBehindDUIDs.map { "'\($0)'" }.joined(separator: ", ")
    if !hidden.isEmpty {
      throw Failure(
        .unavailable, "no lease \(query) in \(source): only DUID records seen: \(hidden)",
        hint: "have the guest send its MAC as client id, in systemd-networkd with "
          + "'ClientIdentifier=mac'")
    }
    throw absence(because: nil, after: patience)
  }

  /// Looks until there is a live lease, and settles when the time is over.
  ///
  /// - Throws: As `settle`, and 71 when nobody reads stdout any more.
  func wait(_ patience: Duration) throws(Failure) -> LeaseAnswer {
    let deadline = ContinuousClock.now + patience
    // The watch comes first: what is written after the look is then reported.
    let watch = LeaseWatch(of: source, log: log)
    if let answer = try look() { return answer }
    log.explain("waiting \(patience.text) for a live lease \(query)")
    while deadline > .now {
      let ready = try poll([watch.watch, Hangup.watch()], until: min(deadline, watch.nextLook))
      if ready[1] { throw .nobodyReads }
      if watch.isDue(), let answer = try look() { return answer }
    }
    return try settle(after: patience)
  }

  private func choose(repeatedly: Bool) throws(Failure) -> (LeaseFile, LeaseChoice)? {
    guard let file = try source.read(repeatedly: repeatedly) else { return nil }
    let order = LeaseOrder(now: WallClock.seconds, subnets: try LocalSubnets.live())
    return (file, LeaseChoice(of: query, in: file, by: order))
  }

  private func answer(
    _ record: LeaseRecord, in file: LeaseFile, _ choice: LeaseChoice
  ) throws(Failure) -> LeaseAnswer {
    try choice.refuseSeveralHolders()
    guard let address = record.address else { throw Failure(.bug, "a lease without an address") }
    let rival = choice.rival.map { rival in
      rival.mac?.description ?? PercentEncoding.printable(file[rival.client])
    }
    return LeaseAnswer(address: address, expiry: record.expiry, rival: rival)
  }

  private func absence(because reason: String?, after patience: Duration?) -> Failure {
    let reason = reason.map { ": \($0)" }
    guard let patience else {
      return Failure(.no, "no lease \(query)\(reason ?? " in \(source)")")
    }
    return Failure(
      .later, "no lease \(query) after \(patience.text)\(reason ?? "")", hint: Firewall.hint())
  }
}

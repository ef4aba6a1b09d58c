import VirbyKit

/// What is heard while the machine runs, from those that have to do with it.
extension Supervisor {
  /// Takes what the driver has let know.
  func hearDriver() {
    for news in control.proceed() { heed(news) }
  }

  private func heed(_ news: News) {
    switch news {
    case .said(let text): log.explain("driver: \(text) \(clock)")
    case .worry(let text): log.warn(text)
    case .running(let access):
      startEnd = nil
      if isRunning || step != nil || hasEnded() { return }
      isRunning = true
      log.explain("driver '\(driver.name.rawValue)' is up \(clock)")
      if ladder != nil {
        // It was to be stopped before it came up; now the guest can be asked.
        ladder?.gainControl()
        stepEnd = .now
        return
      }
      tell(
        access.map { Event(.running, ["mac": machine.address, "at": $0]) }
          ?? Event(.running, ["mac": machine.address]))
    case .trouble(let failure) where startEnd != nil:
      // QEMU listens before it has read all its options: it may be about to say why, and end.
      startTrouble = startTrouble ?? failure
      startEnd = min(startEnd ?? .now, .now + .seconds(1))
    case .trouble(let failure):
      log.explain(failure.message)
      leaveStep()
    }
  }

  /// Takes what the guest has written to its console.
  func hearGuest() {
    do throws(Failure) {
      guard let line = try console?.look(), let beginning = console?.beginning else { return }
      log.explain("the guest's console begins \(clock.reading(at: beginning)): \(line)")
    } catch {
      log.warn(error.message)
    }
  }

  /// A guest without its network, or without a folder that it uses, is stopped.
  func look(after companions: [Companion]) {
    if ladder != nil { return loss = nil }
    if let loss {
      guard loss.until <= .now else { return }
      // A driver that is coming up waits for it in vain.
      startEnd = nil
      note(loss.failure)
    } else if let lost = companions.first(where: { $0.hasEnded() }), let end = lost.end {
      // One whose driver ends may be the first to be seen.
      let phase = isRunning ? "while the guest ran" : "before the guest was running"
      loss = (Failure(.unavailable, "'\(lost.name)' \(end) \(phase)"), .now + .seconds(1))
    }
  }
}

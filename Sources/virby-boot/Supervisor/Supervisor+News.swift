import VirbyKit

/// What is heard while the machine runs, from those that have to do with it.
extension Supervisor {
  /// Takes what the driver has let know.
  func hearDriver() {
    for news in control.proceed() { heed(news) }
  }

  private func heed(_ news: News) {
    switch news {
    case .said(let text): return log.explain("driver: \(text) \(clock)")
    case .worry(let text): return log.warn(text)
    case .running, .trouble, .goesDown, .isDown: break
    }
    switch (phase, news) {
    case (.starting, .running(let access)):
      phase = .running
      log.explain("driver '\(driver.name.rawValue)' is up \(clock)")
      tell(
        access.map { Event(.running, ["mac": machine.address, "at": $0]) }
          ?? Event(.running, ["mac": machine.address]))
    case (.starting(let end, let trouble), .trouble(let failure)):
      // QEMU listens before it has read all its options: it may be about to say why, and end.
      phase = .starting(until: min(end, .now + .seconds(1)), trouble: trouble ?? failure)
    case (.stopping(var descent), _):
      if case .trouble(let failure) = news { log.explain(failure.message) }
      if case .running = news { log.explain("driver '\(driver.name.rawValue)' is up \(clock)") }
      descent.heed(news)
      phase = .stopping(descent)
    case (_, .trouble(let failure)): log.explain(failure.message)
    default: break
    }
  }

  /// Takes what the guest has written to its console.
  func hearGuest() {
    do throws(Failure) {
      if let line = try console?.look(), let beginning = console?.beginning {
        log.explain("the guest's console begins \(clock.reading(at: beginning)): \(line)")
      }
    } catch {
      log.warn(error.message)
    }
    repeatGuest()
  }

  /// Passes on what the guest says to the host's user.
  func repeatGuest() {
    do throws(Failure) {
      for words in try console?.words() ?? [] { log.warn("the guest says: \(words)") }
    } catch {
      log.warn(error.message)
    }
  }

  /// A guest without its network, or without a folder that it uses, is stopped.
  func look(after companions: [Companion]) {
    if case .stopping = phase { return loss = nil }
    let isStarting = if case .starting = phase { true } else { false }
    if let loss {
      guard loss.until <= .now else { return }
      self.loss = nil
      // A driver that is coming up waits for it in vain.
      if isStarting { giveUp(loss.failure) } else { note(loss.failure) }
    } else if let lost = companions.first(where: { $0.hasEnded() }), let end = lost.end {
      // One whose driver ends may be the first to be seen.
      let when = isStarting ? "before the guest was running" : "while the guest was running"
      loss = (Failure(.unavailable, "'\(lost.name)' \(end) \(when)"), .now + .seconds(1))
    }
  }
}

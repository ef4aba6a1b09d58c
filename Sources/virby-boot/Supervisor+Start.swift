import VirbyKit

/// The way up.
extension Supervisor {
  /// Waits until the driver has the machine running, ends, or is not wanted any more.
  func bringUp(within limit: Duration) throws(Failure) {
    tell(
      Event(.starting, ["driver": driver.name.rawValue, "pid": child.pid, "mac": machine.address]))
    do throws(Failure) {
      control = try driver.control(of: machine, until: .now + limit, while: isWanted)
      if hasEnded() || interruption != nil { return }
      if control == nil && driver.hasControl {
        throw Failure(.unavailable, "driver '\(driver.name.rawValue)' closed its control socket")
      }
      let access = try control?.access() ?? machine.access.endpoint
      isRunning = true
      log.explain("driver '\(driver.name.rawValue)' is up \(clock)")
      tell(
        access.map { Event(.running, ["mac": machine.address, "at": $0]) }
          ?? Event(.running, ["mac": machine.address]))
    } catch {
      // QEMU listens before it has read all its options: it may answer, and end.
      if try !endsSoon() { throw error }
    }
  }

  /// Whether the driver lives and nobody has asked for its end.
  private func isWanted() -> Bool {
    if hasEnded() || interruption != nil { return false }
    switch try? stage.next(until: .now) {
    case .hangup: interruption = "hangup"
    case .signal(let number) where number != SIGCHLD: interruption = "signal"
    default: break
    }
    return interruption == nil && !hasEnded()
  }
}

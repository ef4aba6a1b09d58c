import VirbyKit

/// What is made of the driver's end.
extension Supervisor {
  /// Tells how the machine ended, and leaves the mark unless the guest is known to have powered off.
  func finish() {
    // What it said last may still lie there.
    hearDriver()
    repeatGuest()
    // A driver that has survived SIGKILL keeps the mark, and the lock.
    guard case .ended(let end, let before) = phase else { return }
    let how = StopLadder.Step.outcome(
      in: before.step, of: end, after: control.ending, hadGuest: before.hadGuest)
    let reproach = reproach(of: end, after: before, how)
    settle(reproach, after: before)
    let took =
      if case .stopping(let descent) = before {
        ", \(Stopwatch.text(.now - descent.start)) after it was asked to stop"
      } else { "" }
    log.explain("stopped how=\(how) status=\(end.status) \(clock)\(took)")
    if let reproach { note(reproach) }
    tell(Event(.stopped, ["how": how, "status": end.status]))
  }

  /// Leaves the mark, or takes it away.
  private func settle(_ reproach: Failure?, after before: Phase.Before) {
    if !before.hadGuest && before.step == nil { return mark.restore() }
    if let reproach { return mark.keep(reproach.message) }
    switch (control.ending, before.step) {
    // The driver does not start it again, so it powers off; but so does one that has panicked.
    case (.reset, _): mark.keep("the guest reset itself, as after a panic")
    case (.unknown, nil):
      let name = driver.name.rawValue
      mark.keep("it ended unasked; '\(name)' does not say whether the guest powered off")
    default: mark.clear()
    }
  }

  /// A guest that resets itself before that has not booted.
  private static let soon = Duration.seconds(10)

  private var resetAtOnce: Failure {
    let console = machine.serial.map { "; the end of its console is in '\($0)'" } ?? ""
    return Failure(
      .unavailable, "the guest reset itself \(Stopwatch.text(clock.elapsed)) after its start",
      hint: "it may have too little memory, or nothing that it can boot\(console)")
  }

  /// What is to be said against that end; nil if the guest has powered off, as far as is known.
  private func reproach(
    of end: Child.End, after before: Phase.Before, _ how: String
  ) -> Failure? {
    let name = driver.name.rawValue
    if let step = before.step, step != .ask {
      return Failure(.unavailable, "the guest was stopped by force")
    }
    let isAsked = if case .stopping = before { true } else { false }
    if end == .exited(0) && (before.hadGuest || isAsked) {
      if case .reset = control.ending, !isAsked, clock.elapsed < Self.soon { return resetAtOnce }
      if how == "guest" || how == "asked" { return nil }
      return Failure(.unavailable, "driver '\(name)' was stopped by another process")
    }
    let phase = before.hadGuest ? "" : " before the guest was running"
    return Failure(.unavailable, "driver '\(name)' \(end)\(phase)")
  }
}

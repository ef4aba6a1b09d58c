/// The time since a start, as explanations tell it: `at +2.1 s`.
struct Stopwatch: CustomStringConvertible {
  private let start = ContinuousClock.now

  var description: String { reading(at: .now) }

  /// How long ago the start was.
  var elapsed: Duration { .now - start }

  func reading(at time: ContinuousClock.Instant) -> String { "at +\(Self.text(time - start))" }

  /// A time to a tenth of a second: `2.1 s`.
  static func text(_ time: Duration) -> String {
    let tenths = Int((time / .milliseconds(100)).rounded())
    return "\(tenths / 10).\(tenths % 10) s"
  }
}

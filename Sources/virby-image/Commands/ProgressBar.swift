import VirbyKit

/// How far a piece of work has come, on the last line of a terminal.
///
/// There is none if stderr is no terminal, none with `-q`, and none in the first second: what takes no
/// longer says nothing. It is drawn with spaces and carriage returns, which every terminal obeys.
final class ProgressBar {
  private let activity: String
  private let total: Int64?
  private let columns: Int
  private var isShown = false
  private var next: ContinuousClock.Instant

  /// Begins.
  ///
  /// - Parameters:
  ///   - activity: What is done: `copying`.
  ///   - total: When the work is done, in bytes; nil if that is not known.
  init(_ activity: String, total: Int64?, log: Diagnostics) {
    self.activity = "\(log.command): \(activity)"
    self.total = total
    let isHeard = log.level > .errors
    columns = isHeard ? Terminal.columns ?? 0 : 0
    next = .now + .seconds(1)
  }

  /// Shows that so many bytes are done, ten times a second at most.
  func show(_ done: Int64) {
    guard columns > 0, .now >= next else { return }
    next = .now + .milliseconds(100)
    isShown = true
    draw(Self.line(activity, done: done, of: total, columns: columns - 1))
  }

  /// Leaves the line empty for what comes next.
  func erase() {
    if !isShown { return }
    isShown = false
    draw("", end: "\r")
  }

  private func draw(_ text: String, end: String = "") {
    let padding = String(repeating: " ", count: max(0, columns - 1 - text.utf8.count))
    Terminal.write("\r\(text)\(padding)\(end)")
  }

  /// The line: `virby-image: copying  43% [=====>      ] 1.7 GiB of 4.0 GiB`.
  ///
  /// - Parameter columns: How long it may be.
  static func line(_ activity: String, done: Int64, of total: Int64?, columns: Int) -> String {
    let present = ByteSize(bytes: done).rounded
    guard let total, total > 0 else { return String("\(activity) \(present)".prefix(columns)) }
    let share = min(1, Double(done) / Double(total))
    let percent = "\(Int(share * 100))%"
    let left = "\(activity) \(String(repeating: " ", count: 4 - percent.count))\(percent)"
    let right = "\(present) of \(ByteSize(bytes: total).rounded)"
    let length = min(40, columns - left.count - right.count - 4)
    if length < 8 { return String("\(left) \(right)".prefix(columns)) }
    let filled = Int(share * Double(length))
    let bar = String(repeating: "=", count: filled) + (filled < length ? ">" : "")
    let rest = String(repeating: " ", count: length - bar.count)
    return "\(left) [\(bar)\(rest)] \(right)"
  }
}

import VirbyKit

/// One HTTP request over a Unix socket and its answer, carried by curl(1) in a process of its own.
///
/// curl speaks HTTP, keeps the time and says by documented exit statuses what went wrong. The descriptor
/// that its output comes from can be waited for along with anything else.
final class Exchange {
  /// What the server has answered.
  struct Reply: Equatable {
    let status: Int
    let body: [UInt8]
  }

  private let child: Child
  private let output: Descriptor
  private let patience: Duration
  private var bytes: [UInt8] = []
  private var isOver = false

  /// The most that an answer may have; vfkit's longest has a few hundred bytes.
  private static let limit = ByteSize(bytes: 64 << 10)

  /// Starts a request.
  ///
  /// - Parameters:
  ///   - body: JSON; nil sends none.
  ///   - patience: How long the whole may take.
  /// - Throws: 69 if curl cannot be started, 71.
  init(
    _ method: String, _ path: String, at socket: String, body: [UInt8]? = nil, patience: Duration
  ) throws(Failure) {
    self.patience = patience
    let pipe = try Descriptor.pipe()
    output = pipe.read
    output.setNonBlocking()
    // `--disable` comes first: no configuration file is read.
    var words = ["curl", "--disable", "--silent", "--globoff", "--noproxy", "*"]
    words += ["--max-time", "\(max(1, patience.components.seconds))", "--unix-socket", socket]
    words += ["--request", method, "--write-out", "\\n%{http_code}"]
    if let body {
      words += ["--header", "Content-Type: application/json"]
      words += ["--data-binary", String(decoding: body, as: UTF8.self)]
    }
    child = try Child.spawn(
      words + ["http://localhost\(path)"], output: pipe.write, errors: try .null())
  }

  deinit { cancel() }

  /// Ready when `proceed` has something to do.
  var watch: Watch { isOver ? .nothing : .read(output.raw) }

  /// Takes what has come of the answer.
  ///
  /// - Returns: nil if that is not all.
  /// - Throws: 69 if the answer is no HTTP or too long; 75 if there is none, which may change; 71. The
  ///   message is the bare reason.
  func proceed() throws(Failure) -> Reply? {
    var chunk = [UInt8](repeating: 0, count: 8192)
    while !isOver {
      switch chunk.withUnsafeMutableBytes(output.receive(into:)) {
      case .moved(let count):
        bytes += chunk[..<count]
        guard bytes.count <= Self.limit.bytes else {
          cancel()
          throw .unanswered("it answers with more than \(Self.limit)")
        }
      case .blocked: return nil
      case .end, .failed:
        isOver = true
        guard let end = try child.end(within: .seconds(1)) else {
          throw .unanswered("curl did not exit")
        }
        return try reply(end)
      }
    }
    return nil
  }

  private func reply(_ end: Child.End) throws(Failure) -> Reply {
    // EXIT CODES in curl(1).
    switch end {
    case .exited(0): break
    case .exited(1), .exited(8): throw .unanswered("it answers with something other than HTTP")
    case .exited(7): throw .unanswered("it does not accept connections", .later)
    case .exited(18), .exited(52), .exited(56):
      throw .unanswered("it closes the connection before it has answered", .later)
    case .exited(28): throw .unanswered("it does not answer within \(patience.text)", .later)
    case .exited: throw .unanswered("curl \(end)")
    // At a terminal an interrupt reaches curl too.
    case .signalled: throw .unanswered("curl \(end)", .later)
    }
    // What `--write-out` adds: a line feed and three digits.
    let line = String(decoding: bytes.suffix(3), as: UTF8.self)
    guard bytes.count >= 4, let status = Int(line) else {
      throw .unanswered("curl did not report the status")
    }
    return Reply(status: status, body: bytes.dropLast(4))
  }

  /// Ends it, unless it is over.
  func cancel() {
    guard !isOver else { return }
    isOver = true
    _ = try? child.end(within: .zero)
  }
}

extension Failure {
  fileprivate static func unanswered(
    _ reason: String, _ status: ExitStatus = .unavailable
  ) -> Failure { Failure(status, reason) }
}

import VirbyKit

/// A client of the QEMU Machine Protocol: JSON objects, one a line, over a Unix socket.
///
/// Requests are answered in order; events come between the answers at any time.
final class QMP: Control {
  private let path: String
  private let forwardsSSH: Bool
  private var connection: (socket: Socket, lines: LineReader)?
  private var awaited: [(command: String, until: ContinuousClock.Instant)] = []
  private var news: [News] = []
  private var nextLook: ContinuousClock.Instant? = .now
  private(set) var ending = Ending.poweredOff
  private var hasStuck = false

  /// How long QEMU may take over an answer; it takes milliseconds.
  private static let patience = Duration.seconds(10)
  /// What the first line is, which answers no request.
  private static let greeting = "greeting"
  private static let forwards = "human-monitor-command"

  /// - Parameters:
  ///   - path: The socket, which need not be there yet.
  ///   - forwardsSSH: Whether user networking forwards a port, whose number is then found out.
  init(socket path: String, forwardsSSH: Bool) {
    self.path = path
    self.forwardsSSH = forwardsSSH
  }

  let canQuit = true

  var isOpen: Bool { connection.map { !$0.lines.isAtEnd } ?? false }

  var watch: Watch {
    guard let connection, isOpen else { return .nothing }
    return .read(connection.socket.descriptor.raw)
  }

  var deadline: ContinuousClock.Instant? {
    news.isEmpty ? (connection == nil ? nextLook : awaited.first?.until) : .now
  }

  func powerDown() {
    // A guest that is paused, by someone or by a full disk, would not see the button.
    ask("cont")
    ask("system_powerdown")
  }

  func quit() { ask("quit") }

  func proceed() -> [News] {
    if connection == nil { connect() }
    while let line = connection?.lines.next() { take(line) }
    if let late = awaited.first, late.until <= .now {
      awaited.removeFirst()
      fail("QEMU did not answer '\(late.command)'")
    }
    if connection?.lines.isAtEnd == true, let unanswered = awaited.first {
      awaited = []
      // It may be gone before it has answered, which is what was asked for.
      if unanswered.command != "quit" { fail("QEMU has closed its control socket") }
    }
    defer { news = [] }
    return news
  }

  /// Connects as soon as QEMU listens, which is looked at 50 times a second.
  private func connect() {
    guard let look = nextLook, look <= .now else { return }
    nextLook = .now + .milliseconds(20)
    guard Path.exists(path) else { return }
    do throws(Failure) {
      let socket = try Socket.connect(to: .unix(path: path))
      connection = (socket, LineReader(socket))
      awaited = [(Self.greeting, .now + Self.patience)]
    } catch {
      // A socket that exists is not listened to at once.
      if error.status == .usage { fail(error.message) }
    }
  }

  private func take(_ line: [UInt8]) {
    guard let reply = try? JSON.decode(Reply.self, from: line) else {
      return fail("QEMU sent something other than QMP")
    }
    if let event = reply.event { return note(event, reply.data?.reason) }
    guard !awaited.isEmpty else { return }
    let command = awaited.removeFirst().command
    if let error = reply.error { return fail("QEMU refused '\(command)': \(error.desc)") }
    switch command {
    case Self.greeting: ask("qmp_capabilities")
    case "qmp_capabilities" where forwardsSSH:
      ask(Self.forwards, arguments: ["command-line": "info usernet"])
    case "qmp_capabilities": news.append(.running(at: nil))
    case Self.forwards:
      if let access = Self.access(in: line) {
        news.append(.running(at: access))
      } else {
        fail("QEMU does not say which port it forwards")
      }
    default: break
    }
  }

  private func note(_ event: String, _ reason: String?) {
    if event == "SHUTDOWN" { ending = Self.ending(by: reason) }
    if event == "BLOCK_IO_ERROR" && !hasStuck {
      hasStuck = true
      let worry = "the guest's disk is failing, and the guest may be waiting for it"
      news.append(.worry("\(worry): \(reason ?? "")"))
    }
    news.append(.said(event.lowercased() + (reason.map { " (\($0))" } ?? "")))
  }

  /// By the values of ShutdownCause in QEMU's qapi/run-state.json.
  private static func ending(by reason: String?) -> Ending {
    switch reason {
    case "guest-reset", "guest-panic": .reset
    case "host-signal": .signalled
    case .some(let other) where other.hasPrefix("host-"): .quit
    default: .poweredOff
    }
  }

  /// The host port that user networking forwards to the guest's port 22.
  ///
  /// Only the human monitor tells it: a table with `TCP[HOST_FORWARD] FD 127.0.0.1 PORT GUEST 22`.
  private static func access(in line: [UInt8]) -> Endpoint? {
    let table = (try? JSON.decode(Answer.self, from: line).return) ?? ""
    for row in table.split(whereSeparator: \.isNewline) {
      let words = row.split(separator: " ")
      guard words.count >= 6, words[0] == "TCP[HOST_FORWARD]", words[5] == "22" else { continue }
      if let port = UInt16(words[3]) { return .tcp(address: String(words[2]), port: port) }
    }
    return nil
  }

  private func ask(_ command: String, arguments: [String: String]? = nil) {
    guard let connection, isOpen else {
      return fail("QEMU has closed its control socket")
    }
    let request = Request(execute: command, arguments: arguments)
    guard let bytes = try? JSON.encode(request) else {
      return fail("cannot encode the QMP command '\(command)'", .bug)
    }
    let code = writeAll(bytes + [UInt8(ascii: "\n")], to: connection.socket.descriptor.raw)
    if code != 0 { return fail("cannot send '\(command)' to QEMU: \(Failure.reason(code))") }
    awaited.append((command, .now + Self.patience))
  }

  private func fail(_ message: String, _ status: ExitStatus = .unavailable) {
    news.append(.trouble(Failure(status, message)))
  }
}

private struct Request: Encodable {
  let execute: String
  let arguments: [String: String]?
}

private struct Reply: Decodable {
  struct Refusal: Decodable { let desc: String }
  struct Details: Decodable { let reason: String? }
  let event: String?
  let data: Details?
  let error: Refusal?
}

private struct Answer: Decodable {
  let `return`: String
}

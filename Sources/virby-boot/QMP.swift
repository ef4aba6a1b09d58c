import VirbyKit

/// A client of the QEMU Machine Protocol: JSON objects, one a line, over a Unix socket.
///
/// Requests are answered in order; events come between the answers at any time.
final class QMP: Control {
  private var lines: LineReader
  private let socket: Socket
  private var events: [String] = []
  private(set) var hasReset = false

  /// How long QEMU may take over an answer; it takes milliseconds.
  var patience = Duration.seconds(10)

  /// Connects as soon as QEMU listens, which is looked at 50 times a second, and takes the greeting.
  ///
  /// - Parameter isAlive: Asked while waiting; false gives up.
  /// - Returns: nil if the driver died.
  /// - Throws: 75 if QEMU does not listen before the deadline.
  init?(
    socket path: String, until deadline: ContinuousClock.Instant, while isAlive: () -> Bool
  ) throws(Failure) {
    guard let connection = try Self.connect(path, until: deadline, while: isAlive) else {
      return nil
    }
    socket = connection
    lines = LineReader(connection)
    guard try lines.next(until: deadline) != nil else { return nil }
    try run("qmp_capabilities")
  }

  var watch: Watch { lines.isAtEnd ? .nothing : .read(socket.descriptor.raw) }

  var isOpen: Bool { !lines.isAtEnd }

  func powerDown() throws(Failure) {
    // A guest that is paused, by someone or by a full disk, would not see the button.
    try run("cont")
    try run("system_powerdown")
  }

  func quit() throws(Failure) {
    do throws(Failure) { try run("quit") } catch {
      // It may be gone before it has answered, which is what was asked for.
      if !lines.isAtEnd { throw error }
    }
  }

  /// The host port that user networking forwards to the guest's port 22.
  ///
  /// Only the human monitor tells it: a table with `TCP[HOST_FORWARD] FD 127.0.0.1 PORT GUEST 22`.
  func access() throws(Failure) -> Endpoint? {
    let answer = try ask(
      Request(
        execute: "human-monitor-command", arguments: ["command-line": "info usernet"]))
    let table = (try? JSON.decode(Answer.self, from: answer).return) ?? ""
    for row in table.split(whereSeparator: \.isNewline) {
      let words = row.split(separator: " ")
      guard words.count >= 6, words[0] == "TCP[HOST_FORWARD]", words[5] == "22" else { continue }
      if let port = UInt16(words[3]) { return .tcp(address: String(words[2]), port: port) }
    }
    return nil
  }

  func news() throws(Failure) -> [String] {
    while let line = try lines.next(until: .now) { note(line) }
    defer { events = [] }
    return events
  }

  private static func connect(
    _ path: String, until deadline: ContinuousClock.Instant, while isAlive: () -> Bool
  ) throws(Failure) -> Socket? {
    while isAlive() {
      do throws(Failure) { return try Socket.connect(to: .unix(path: path)) } catch {
        if deadline <= .now {
          throw Failure(.later, "QEMU does not answer at '\(path)': \(error.message)")
        }
      }
      _ = try poll([], until: .now + .milliseconds(20))
    }
    return nil
  }

  private func run(_ command: String) throws(Failure) {
    _ = try ask(Request(execute: command, arguments: nil))
  }

  /// Sends a request and returns the line that answers it.
  private func ask(_ request: Request) throws(Failure) -> [UInt8] {
    guard let bytes = try? JSON.encode(request) else {
      throw Failure(.bug, "cannot encode the QMP command '\(request.execute)'")
    }
    let code = writeAll(bytes + [UInt8(ascii: "\n")], to: socket.descriptor.raw)
    if code != 0 { throw .system("cannot send '\(request.execute)' to QEMU", code) }
    let deadline = ContinuousClock.now + patience
    while let line = try lines.next(until: deadline) {
      guard let reply = try? JSON.decode(Reply.self, from: line) else {
        throw Failure(
          .unavailable, "QEMU answered '\(request.execute)' with something else than QMP")
      }
      if let error = reply.error {
        throw Failure(.unavailable, "QEMU refused '\(request.execute)': \(error.desc)")
      }
      if reply.event == nil { return line }
      note(line)
    }
    throw Failure(.unavailable, "QEMU did not answer '\(request.execute)'")
  }

  private func note(_ line: [UInt8]) {
    guard let reply = try? JSON.decode(Reply.self, from: line), let event = reply.event else {
      return
    }
    let reason = reply.data?.reason
    if event == "SHUTDOWN" && reason == "guest-reset" { hasReset = true }
    events.append(event.lowercased() + (reason.map { " (\($0))" } ?? ""))
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

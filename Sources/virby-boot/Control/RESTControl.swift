import VirbyKit

/// A client of the REST interface that vfkit has and krunkit imitates: the machine's state at `/vm/state`.
final class RESTControl: Control {
  /// Who answers.
  enum Dialect {
    /// Does what the body of a POST says, and answers 202.
    case vfkit
    /// Takes any POST for a wish to stop, reads once, and ends its JSON with a NUL.
    case krunkit
  }

  private let socket: String
  private let dialect: Dialect
  private let access: Endpoint?
  private var isRunning = false
  private var open: (question: Question, exchange: Exchange)?
  private var news: [News] = []
  /// When the state is asked for again; nil when that has come to nothing for good.
  private var nextLook: ContinuousClock.Instant? = .now

  /// How long an answer may take; it takes milliseconds.
  private static let patience = Duration.seconds(5)
  /// How long to wait before the state is asked for again. No event tells when the socket is there, or
  /// when the machine runs.
  private static let interval = Duration.milliseconds(100)

  /// - Parameters:
  ///   - socket: Where the driver listens, or is going to.
  ///   - access: Where the guest's SSH server is reached, if that is known.
  init(socket: String, dialect: Dialect, access: Endpoint? = nil) {
    self.socket = socket
    self.dialect = dialect
    self.access = access
  }

  var canQuit: Bool { dialect == .vfkit }

  /// vfkit answers SIGTERM by asking the guest, for five seconds, and then stops it by force; its status is 0 either way.
  /// krunkit answers nothing but a wish that the guest has to fulfil.
  var ending: Ending { dialect == .vfkit ? .unknown : .poweredOff }

  private(set) var isStarting = false

  var watch: Watch { open?.exchange.watch ?? .nothing }

  var deadline: ContinuousClock.Instant? {
    if !news.isEmpty { return .now }
    return isRunning || open != nil ? nil : nextLook
  }

  func powerDown() {
    // One that has not been answered yet will do.
    if open?.question != .stop { ask(.stop) }
  }

  func quit() { ask(.hardStop) }

  func proceed() -> [News] {
    if !isRunning, open == nil, let look = nextLook, look <= .now {
      nextLook = .now + Self.interval
      if Path.exists(socket) { ask(.state) }
    }
    if let (question, exchange) = open {
      do throws(Failure) {
        if let reply = try exchange.proceed() {
          open = nil
          try take(reply, to: question)
        }
      } catch {
        open = nil
        report(error, of: question)
        // It refuses when there is nothing left to ask.
        if question == .stop && dialect == .vfkit { ask(.review) }
      }
    }
    defer { news = [] }
    return news
  }

  private func ask(_ question: Question) {
    open?.exchange.cancel()
    open = nil
    do throws(Failure) {
      let body = dialect == .vfkit ? question.order.flatMap { try? JSON.encode($0) } : nil
      let exchange = try Exchange(
        question.order == nil ? "GET" : "POST", "/vm/state", at: socket, body: body,
        patience: Self.patience)
      open = (question, exchange)
    } catch {
      nextLook = nil
      news.append(.trouble(error))
    }
  }

  private func take(_ reply: Exchange.Reply, to question: Question) throws(Failure) {
    // krunkit's JSON ends with a NUL.
    let body = reply.body.prefix { $0 != 0 }
    guard (200...299).contains(reply.status) else {
      let reason = (try? JSON.decode(Refusal.self, from: body)).map { ": \($0.error)" } ?? ""
      throw Failure(.unavailable, "it answers with status \(reply.status)\(reason)")
    }
    guard question.order == nil else { return }
    guard let state = (try? JSON.decode(State.self, from: body))?.state else {
      throw Failure(.unavailable, "it answers with something else")
    }
    if question == .review { return review(state) }
    isStarting = state == "VirtualMachineStateStarting"
    switch state {
    case "VirtualMachineStateRunning":
      isRunning = true
      news.append(.running(at: access))
    case "VirtualMachineStateError":
      throw Failure(.unavailable, "it is '\(state)'")
    default: nextLook = .now + Self.interval
    }
  }

  private func review(_ state: String) {
    news.append(.said("it is '\(state)'"))
    switch state {
    case "VirtualMachineStateStopping": news.append(.goesDown)
    case "VirtualMachineStateStopped", "VirtualMachineStateError": news.append(.isDown)
    default: break
    }
  }

  /// What may be otherwise the next time is no trouble while the driver comes up.
  private func report(_ failure: Failure, of question: Question) {
    let message = "cannot \(question.purpose): \(failure.message)"
    nextLook = question == .state && failure.status == .later ? .now + Self.interval : nil
    if nextLook != nil || question == .review {
      news.append(.said(message))
    } else {
      news.append(.trouble(Failure(.unavailable, message)))
    }
  }
}

/// What is asked of the driver.
private enum Question {
  case state, review, stop, hardStop

  var order: Order? {
    switch self {
    case .state, .review: nil
    case .stop: Order(state: "Stop")
    case .hardStop: Order(state: "HardStop")
    }
  }

  var purpose: String {
    switch self {
    case .state, .review: "ask the driver for its state"
    case .stop: "ask the driver to stop the guest"
    case .hardStop: "tell the driver to quit"
    }
  }
}

private struct Order: Encodable { let state: String }
private struct State: Decodable { let state: String }
private struct Refusal: Decodable { let error: String }

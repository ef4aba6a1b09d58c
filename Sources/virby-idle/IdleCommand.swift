import ArgumentParser
import VirbyKit

@main
struct IdleCommand: VirbyCommand {
  static let configuration = CommandConfiguration(
    commandName: "virby-idle",
    abstract: "End when no connection has been open for a given time.",
    version: versionText)

  @Option(
    name: [.customShort("t"), .long],
    help: .init("How long no connection may have been open.", valueName: "duration"))
  var ttl: Duration

  @Option(
    help: .init(
      "A shell command to run at the end of that time; status 0 means busy: wait again.",
      valueName: "command"))
  var busy: String?

  @Option(
    help: .init(
      "How much more time a busy guest gets in all while nothing is open. (default: no limit)",
      valueName: "duration"))
  var busyLimit: Duration?

  @Option(help: .init("How long either command may take.", valueName: "duration"))
  var patience: Duration = .seconds(600)

  @Flag(help: "Warn about malformed lines and ignore them.")
  var lenient = false

  @OptionGroup var verbosity: VerbosityOptions

  @Argument(
    parsing: .postTerminator,
    help: .init("A command to run before the end, after '--'.", valueName: "closing"))
  var closing: [String] = []

  func validate() throws {
    if ttl <= .zero {
      throw ValidationError("'\(ttl.text)' would end the VM before its first connection")
    }
    if let busy, busy.allSatisfy(\.isWhitespace) {
      throw ValidationError("an empty '--busy' would be busy for ever; leave it out")
    }
    if let busyLimit {
      if busy == nil { throw ValidationError("'--busy-limit' without '--busy' limits nothing") }
      if busyLimit <= .zero {
        throw ValidationError(
          "'\(busyLimit.text)' gives a busy guest no time; leave '--busy' out")
      }
    }
    if patience <= .zero { throw ValidationError("'\(patience.text)' leaves a command no time") }
  }

  /// Refuses what could not be run: it would show at the end of the TTL, hours later.
  private func checkCommands() throws(Failure) {
    if let word = busy?.split(whereSeparator: \.isWhitespace).first {
      // What is more than a name is for the shell to make sense of.
      let isName = word.utf8.allSatisfy { byte in
        "-./_+".utf8.contains(byte) || Character(Unicode.Scalar(byte)).isLetter
          || Character(Unicode.Scalar(byte)).isNumber
      }
      if isName { try check(String(word)) }
    }
    if let program = closing.first { try check(program) }
  }

  private func check(_ program: String) throws(Failure) {
    let search = try Child.spawn(
      ["/bin/sh", "-c", "command -v \"$1\" >/dev/null 2>&1", "sh", program])
    guard try search.end(within: .seconds(10)) != .exited(0) else { return }
    throw Failure(
      .unavailable, "cannot start '\(program)': No such file or directory",
      hint: program.contains("/") ? nil : "install it, or add its folder to PATH")
  }

  func run() throws {
    try checkCommands()
    var watch = try IdleWatch(
      clock: IdleClock(ttl: ttl, busyLimit: busyLimit, at: .now), busyCommand: busy,
      closingCommand: closing, patience: patience, isLenient: lenient,
      log: verbosity.diagnostics(for: Self._commandName))
    let status = try watch.run()
    if status != .done { throw status }
  }
}

import ArgumentParser
import VirbyKit

@main
struct IdleCommand: VirbyCommand {
  static let configuration = CommandConfiguration(
    commandName: "virby-idle",
    abstract: "End when no connection has been open for a time.",
    version: version)

  @Option(
    name: [.customShort("t"), .long],
    help: .init("How long nothing must be open.", valueName: "duration"))
  var ttl: Duration

  @Option(
    help: .init(
      "A shell command that is asked at the end of that time; status 0 means busy: wait again.",
      valueName: "command"))
  var busy: String?

  @Option(
    help: .init(
      "How much more time a busy guest gets in all while nothing is open. (default: no limit)",
      valueName: "duration"))
  var busyLimit: Duration?

  @Option(help: .init("How long either command may take.", valueName: "duration"))
  var patience: Duration = .seconds(600)

  @Flag(help: "Warn of malformed lines and go on.")
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
    if let busyLimit {
      if busy == nil { throw ValidationError("'--busy-limit' without '--busy' limits nothing") }
      if busyLimit <= .zero {
        throw ValidationError(
          "'\(busyLimit.text)' gives a busy guest no time; leave '--busy' out")
      }
    }
    if patience <= .zero { throw ValidationError("'\(patience.text)' leaves a command no time") }
  }

  func run() throws {
    var watch = try IdleWatch(
      clock: IdleClock(ttl: ttl, busyLimit: busyLimit, at: .now), busyCommand: busy,
      closingCommand: closing, patience: patience, isLenient: lenient,
      log: verbosity.diagnostics(for: Self._commandName))
    let status = try watch.run()
    if status != .done { throw status }
  }
}

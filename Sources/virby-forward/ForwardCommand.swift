import ArgumentParser
import VirbyKit

@main
struct ForwardCommand: VirbyCommand {
  static let configuration = CommandConfiguration(
    commandName: "virby-forward",
    abstract: "Forward connections to the server in the guest, and hold them until it is ready.",
    version: versionText)

  @Option(
    name: [.customShort("l"), .long],
    help: .init(
      "Where to listen: ADDR:PORT, unix:PATH, or fd:N for an inherited socket.",
      valueName: "address"))
  var listen: ListenAddress

  @Option(name: .shortAndLong, help: "The guest's port, if an event gives only its address.")
  var port: UInt16 = 22

  @Option(
    help: .init(
      "When the server is ready: at its greeting, or at connect. "
        + "(default: greeting; connect with TARGET)", valueName: "when"))
  var ready: Readying?

  @Option(help: .init("How long a client may wait for the server.", valueName: "duration"))
  var patience: Duration = .seconds(180)

  @Flag(help: "Listen on an address that other machines can reach.")
  var allowRemote = false

  @OptionGroup var verbosity: VerbosityOptions

  @Argument(help: "The server, ADDR:PORT or unix:PATH, instead of the one named by the events.")
  var target: Endpoint?

  func validate() throws {
    if port == 0 { throw ValidationError("'0' is not a port of the guest") }
    if patience <= .zero {
      throw ValidationError("'\(patience.text)' leaves no time for an answer")
    }
    if case .endpoint(let endpoint) = listen, endpoint == target {
      throw ValidationError("'\(endpoint.operand)' is its own target")
    }
    if case .inherited(let number) = listen,
      number == 1 || number == 2 || (number == 0 && target == nil)
    {
      throw ValidationError("descriptor \(number) is in use as a standard stream")
    }
  }

  func run() throws {
    if case .endpoint(let endpoint) = listen, !endpoint.isLocal, !allowRemote {
      throw Failure(
        .usage, "'\(endpoint.operand)' can be reached by other machines",
        hint: "use 127.0.0.1, or --allow-remote if that is what you want")
    }
    let forwarder = try Forwarder(
      listen: listen, target: Target(port: port, endpoint: target),
      readying: ready ?? (target == nil ? .greeting : .connect), patience: patience,
      log: verbosity.diagnostics(for: Self._commandName))
    try forwarder.run()
  }
}

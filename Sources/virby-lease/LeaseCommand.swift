import ArgumentParser
import VirbyKit

@main
struct LeaseCommand: VirbyCommand {
  static let configuration = CommandConfiguration(
    commandName: "virby-lease",
    abstract: "Find a guest's IPv4 address among the DHCP leases.",
    usage: """
      virby-lease [-qv] [-f <file>] [-w <duration>] <mac>
      virby-lease [-qv] [-f <file>] [-w <duration>] -n <name>
      virby-lease [-qv] [-f <file>] --list | --json [<mac> | -n <name>]
      virby-lease [-qv] [-f <file>] [-w <duration>]
      """,
    discussion: """
      With a MAC or a name, prints the address. With neither, it is a filter of event lines: after \
      each 'running' without 'at' it adds the guest's 'lease', and another when the address changes.
      """,
    version: versionText)

  @Option(
    name: [.customShort("f"), .long],
    help: "Where the leases are; '-' is stdin. (default: \(DHCPLeases.defaultPath))",
    completion: .file())
  var file: String?

  @Option(name: .shortAndLong, help: "The name by which the guest calls itself.")
  var name: String?

  @Option(
    name: .shortAndLong,
    help: "How long to wait for the lease. (default: 180s for the filter, else not at all)")
  var wait: Duration?

  @Flag(help: "Print all records as a table.")
  var list = false

  @Flag(help: "Print all records as a JSON array.")
  var json = false

  @OptionGroup var verbosity: VerbosityOptions

  @Argument(help: "The guest's MAC.")
  var mac: MACAddress?

  private var source: LeaseSource { LeaseSource(file ?? DHCPLeases.defaultPath) }
  private var query: LeaseQuery? { mac.map { .mac($0) } ?? name.map { .name(Array($0.utf8)) } }

  func validate() throws {
    if mac != nil && name != nil {
      throw ValidationError("'<mac>' and '--name' cannot be used together")
    }
    if name == "" { throw ValidationError("'--name' is empty") }
    if list && json { throw ValidationError("'--list' and '--json' cannot be used together") }
    if wait != nil && (list || json) {
      throw ValidationError("'--wait' cannot be used with '--list' or '--json'")
    }
    if wait != nil && source == .input { throw ValidationError("'--wait' cannot wait for stdin") }
    if query == nil && !list && !json && source == .input {
      throw ValidationError("stdin cannot be both the leases and the events: name a MAC")
    }
  }

  func run() throws {
    let log = verbosity.diagnostics(for: Self._commandName)
    if list || json {
      let table = try readTable(log)
      return try printAnswer(json ? table.json() : table.text)
    }
    guard let query else {
      if Terminal.isInput {
        log.notify("no MAC is given, so events are read, from the terminal; control-D ends them")
      }
      var filter = try LeaseFilter(source: source, patience: wait ?? .seconds(180), log: log)
      return try filter.run()
    }
    let lookup = LeaseLookup(query: query, source: source, log: log)
    let answer = try wait.map(lookup.wait) ?? lookup.settle()
    answer.warnOfRival(log)
    try printAnswer(answer.address.description)
  }

  private func readTable(_ log: Diagnostics) throws(Failure) -> LeaseTable {
    let file = try source.read()
    if file == nil { log.warn("\(source) does not exist") }
    if let file, file.isForeign { throw source.foreign }
    let order = LeaseOrder(now: WallClock.seconds, subnets: try LocalSubnets.live())
    let table = LeaseTable(of: file ?? LeaseFile(bytes: []), for: query, by: order)
    do throws(Failure) { try table.choice?.refuseSeveralHolders() } catch {
      log.warn(error.message)
    }
    return table
  }
}

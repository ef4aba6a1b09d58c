import ArgumentParser
import VirbyKit

/// Says whether `ensure` would leave a key set alone.
struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Say whether the key set is complete; change nothing.")

  @Option(name: .shortAndLong, help: "The guest's name in the known_hosts lines.")
  var alias = HostAlias.standard

  @OptionGroup var verbosity: VerbosityOptions

  @Argument(help: "The folder of the key set.")
  var dir: String

  func run() throws {
    let log = verbosity.diagnostics
    let folder = try KeyFolder(dir, making: false)
    let set = try KeySet(in: folder, alias: alias)
    try folder.warnOfStrays(log)
    guard let first = set.repairs.first else {
      log.explain("'\(folder.path)' holds a complete key set")
      if set.rotation == .underWay { log.explain("a rotation is under way") }
      return
    }
    for repair in set.repairs.dropFirst() {
      log.explain("'\(folder.name(of: repair.file))' \(repair.reason)")
    }
    throw Failure(
      .no, "'\(folder.name(of: first.file))' \(first.reason)", hint: KeyFolder.ensureHint)
  }
}

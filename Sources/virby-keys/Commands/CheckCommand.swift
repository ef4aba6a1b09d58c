import ArgumentParser
import VirbyKit

/// Says whether `ensure` would leave a key set alone.
struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Say whether the key set is complete; change nothing.")

  @OptionGroup var keys: KeySetOperand

  func run() throws {
    let log = keys.log
    let folder = try KeyFolder(keys.dir, making: false)
    let set = try KeySet(in: folder, alias: keys.alias)
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

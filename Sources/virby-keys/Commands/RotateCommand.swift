import ArgumentParser
import VirbyKit

/// Exchanges a key set for a new one, in two steps: between them lies a login with the new keys, which
/// is not ours to make.
struct RotateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rotate",
    abstract: "Put the next key set beside the present one, or in its place.")

  @Flag(name: .shortAndLong, help: "Drop the present keys: a login with the next has succeeded.")
  var finish = false

  @OptionGroup var keys: KeySetOperand

  func run() throws {
    let log = keys.log
    let folder = try KeyFolder(keys.dir, making: false)
    let found = try KeySet(in: folder, alias: keys.alias)
    if finish { try guardGuest(folder, found) }
    try folder.publish(found.repairs, explaining: log)

    let aim = finish ? Rotation.none : .underWay
    let set = try KeySet(in: folder, alias: keys.alias, aim: aim)
    if set.repairs.isEmpty {
      log.explain("\(finish ? "no" : "a") rotation is under way in '\(folder.path)'")
    }
    try folder.publish(set.repairs, explaining: log)
    try folder.warnOfStrays(log)
    try printAnswer(set.knownHosts)
  }

  /// Refuses to drop keys as long as no guest can have got the next ones.
  private func guardGuest(_ folder: KeyFolder, _ set: KeySet) throws(Failure) {
    guard set.rotation.aim == .underWay, set.repairs.contains(where: \.file.isGuests) else {
      return
    }
    throw Failure(
      .no, "cannot finish the rotation in '\(folder.path)': its beginning was cut short",
      hint: "'virby-keys rotate' begins it again; then the guest has to boot")
  }
}

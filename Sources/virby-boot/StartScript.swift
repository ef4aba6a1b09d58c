import VirbyKit

/// A script for sh(1) that starts a machine by hand: what virby-boot would make first, then the driver.
struct StartScript {
  let machine: Machine
  let driver: any Driver
  let folder: ControlFolder
  /// The key set, and the settings beside it.
  let keys: String?
  let settings: String?

  /// The lines, the driver's words on a line each.
  ///
  /// - Throws: 64, 69 as the driver's arguments do; 71 if a folder is not there.
  func text() throws(Failure) -> String {
    let words = driver.launcher + (try driver.arguments(for: machine)).map(shellQuoted)
    return
      (["umask 077"] + (try folders()) + (try driver.preparation(of: machine))
      + ["exec " + words.joined(separator: " \\\n  ")]).joined(separator: "\n")
  }

  private func folders() throws(Failure) -> [String] {
    let control = shellQuoted(folder.path)
    guard let keys else { return ["mkdir -p \(control)"] }
    let copy = shellQuoted(GuestKeys(in: folder).folder)
    var lines = ["mkdir -p \(control) \(copy)"]
    // In this order: no setting takes the place of a key.
    if let settings {
      lines.append("cp \(shellQuoted(try Path.real(settings)))/* \(copy)")
    }
    lines.append("cp \(shellQuoted(try Path.real("\(keys)/guest")))/* \(copy)")
    return lines
  }
}

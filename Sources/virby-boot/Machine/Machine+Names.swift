import VirbyKit

/// What the machine's files are called.
extension Machine {
  /// A file of the machine's, and the option that names another for it.
  private struct Name {
    let role: String
    let path: String
    var option: String?
  }

  /// Refuses one file in two roles: a log that is the disk would take its place, and so on.
  ///
  /// Names are compared, and where there are files, which these are: a hard link is another name of one file.
  ///
  /// - Throws: 64.
  func refuseSharedNames() throws(Failure) {
    var others = read
    // Not the disk, which the driver locks for itself, and not by a second name.
    let seed = seed.map { [Name(role: "the seed", path: $0, option: "--seed")] } ?? []
    for one in seed + made where Path.kind(one.path) != .device {
      for other in others where Self.areSame(one.path, other.path) {
        let option = one.option ?? other.option
        throw Failure(
          .usage, "cannot use '\(one.path)' both as \(other.role) and as \(one.role)",
          hint: option.map { "name another file with '\($0)'" })
      }
      others.append(one)
    }
  }

  /// What must be there, and may be one file.
  private var read: [Name] {
    let disk =
      [Name(role: "the disk", path: disk)]
      + (store.map { [Name(role: "the store's disk", path: $0, option: "--store")] } ?? [])
    guard case .kernel(let kernel, let initrd, _) = start else { return disk }
    return disk + [Name(role: "the kernel", path: kernel)]
      + (initrd.map { [Name(role: "the initial RAM disk", path: $0)] } ?? [])
  }

  /// What this program or the driver makes or removes.
  private var made: [Name] {
    var names = [
      Name(role: "the disk's lock", path: "\(disk).lock"),
      Name(role: "the mark of an unclean end", path: "\(disk).unclean"),
      Name(
        role: "the control folder", path: Path.split(controlSocket).folder, option: "--control"),
      Name(role: "the control socket", path: controlSocket, option: "--control"),
    ]
    if case .vsock(let socket) = access {
      names.append(Name(role: "the socket to the guest", path: socket, option: "--control"))
    }
    if let consoleSocket {
      names.append(
        Name(role: "the socket of the second console", path: consoleSocket, option: "--control"))
    }
    if case .firmware(let store) = start {
      names.append(Name(role: "the firmware's variables", path: store, option: "--efi-store"))
    }
    if let serial {
      names.append(Name(role: "the console's log", path: serial, option: "--serial"))
      names.append(
        Name(role: "the previous console's log", path: "\(serial).old", option: "--serial"))
    }
    return names
  }

  private static func areSame(_ one: String, _ other: String) -> Bool {
    if one.utf8.elementsEqual(other.utf8) { return true }
    // A Mac's file systems may take upper and lower case, and two ways to write an accent, for the same.
    if Platform.isDarwin && one.lowercased() == other.lowercased() { return true }
    guard let identity = Path.identity(one) else { return false }
    return identity == Path.identity(other)
  }
}

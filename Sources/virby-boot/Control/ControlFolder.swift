import VirbyKit

/// The folder of a driver's sockets. They have no password, so the folder has mode 0700.
struct ControlFolder {
  let path: String

  /// The folder's place: as given, or hidden beside the disk.
  ///
  /// - Throws: 64 if the path leaves no room for a socket's name, 71 if its parent does not exist.
  init(_ path: String?, disk: String) throws(Failure) {
    if let path {
      self.path = try Path.absolute(path)
    } else {
      let (folder, name) = Path.split(disk)
      self.path = Path.join(folder, ".\(name).control")
    }
    guard "\(self.path)/\(Self.longestName)".utf8.count <= Endpoint.maximumPathLength else {
      throw Failure(
        .usage, "the control folder '\(self.path)' has too long a path for a socket",
        hint: "name a shorter one with '--control'")
    }
  }

  /// The socket of that name.
  func socket(_ name: String) -> String { "\(path)/\(name)" }

  private static let longestName = "control.sock"

  /// Makes the folder, and clears away the sockets of a driver that was killed. Call it with the disk
  /// locked, which proves that no other driver uses them.
  ///
  /// - Throws: 71.
  func make() throws(Failure) {
    try Path.makePrivateFolder(path)
    removeSockets()
  }

  /// Removes the sockets, and the folder unless something else is in it.
  func remove() {
    removeSockets()
    Path.removeFolder(path)
  }

  private func removeSockets() {
    for name in [Self.longestName, "ssh.sock", "console.sock"] { Path.remove(socket(name)) }
    var index = 0
    while Path.kind(socket("share\(index).sock")) == .socket {
      Path.remove(socket("share\(index).sock"))
      index += 1
    }
  }
}

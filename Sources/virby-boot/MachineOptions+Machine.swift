import VirbyKit

extension MachineOptions {
  /// The machine.
  ///
  /// - Throws: 64 for a share that is not `TAG=DIR` or whose tag is too long or taken, and for one file in two roles, 65 for a seed that is not a disk image, 71 for a file or folder that is not there.
  func machine(driver: DriverName, controlFolder: ControlFolder) throws(Failure) -> Machine {
    let image = try DiskImage.locate(disk)
    let machine = Machine(
      disk: image, store: try store.map(storeDisk), seed: try seed.map(seedImage), cpus: cpus,
      memory: memory, address: mac ?? MACAddress(derivedFrom: image),
      start: try start(image), access: access(driver, controlFolder),
      shares: try shares(GuestKeys(in: controlFolder)),
      serial: try absolute(serial ?? "\(image).log"),
      consoleSocket: console ? controlFolder.socket("console.sock") : nil,
      controlSocket: controlFolder.socket("control.sock"),
      hasRosetta: rosetta, isNested: nested, timesyncPort: timesync)
    try machine.refuseSharedNames()
    return machine
  }

  private func start(_ image: String) throws(Failure) -> Machine.Start {
    guard let kernel else { return .firmware(store: try absolute(efiStore ?? "\(image).efi")) }
    return .kernel(
      try Path.real(kernel), initrd: try initrd.map(realPath), commandLine: cmdline ?? "")
  }

  private func access(_ driver: DriverName, _ folder: ControlFolder) -> Machine.Access {
    switch ssh ?? driver.access {
    case .nat: .nat(tap: tap)
    case .user: .user
    case .vsock: .vsock(socket: folder.socket("ssh.sock"))
    }
  }

  private func shares(_ guestKeys: GuestKeys) throws(Failure) -> [Machine.Share] {
    var shares: [Machine.Share] = []
    if let keys {
      _ = try Path.real("\(keys)/guest", hintIfMissing: "make keys with 'virby-keys ensure'")
      if let settings { _ = try Path.real(settings) }
      shares.append(Machine.Share(tag: "virby-keys", folder: guestKeys.folder, isReadOnly: true))
    }
    for word in share {
      // Of bytes: as a Character an equals sign and a combining mark after it are no equals sign.
      let parts = word.utf8.split(
        separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false
      ).map { String(Substring($0)) }
      guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
        throw Failure(.usage, "cannot share '\(word)'", hint: "write TAG=DIR")
      }
      let folder = try Path.real(parts[1])
      guard Path.isFolder(folder) else {
        throw Failure(.usage, "cannot share '\(parts[1])': it is not a folder")
      }
      guard parts[0].utf8.count <= Machine.Share.longestTag else {
        throw Failure(
          .usage, "cannot share '\(folder)': the tag '\(parts[0])' is longer than 35 bytes",
          hint: "choose a shorter tag")
      }
      shares.append(Machine.Share(tag: parts[0], folder: folder, isReadOnly: false))
    }
    var tags: Set<String> = rosetta ? ["rosetta"] : []
    for share in shares where !tags.insert(share.tag).inserted {
      throw Failure(.usage, "cannot share '\(share.folder)': the tag '\(share.tag)' is taken")
    }
    return shares
  }
}

// Optional.map needs functions, and carries their typed errors.
private func absolute(_ path: String) throws(Failure) -> String {
  let name = Path.split(path).name
  if name.isEmpty || name == "." || name == ".." {
    throw Failure(.usage, "cannot use '\(path)': it does not name a file")
  }
  return try Path.absolute(path)
}
private func storeDisk(_ path: String) throws(Failure) -> String {
  try Path.real(path, hintIfMissing: "make it with 'virby-prepare'")
}
private func realPath(_ path: String) throws(Failure) -> String { try Path.real(path) }
private func seedImage(_ path: String) throws(Failure) -> String { try SeedImage.locate(path) }

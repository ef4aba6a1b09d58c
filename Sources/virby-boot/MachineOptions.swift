import ArgumentParser
import VirbyKit

/// The options that describe the machine.
struct MachineOptions: ParsableArguments {
  @Option(name: .shortAndLong, help: "The guest's processors.")
  var cpus = 2

  @Option(
    name: .shortAndLong, help: "The guest's memory; a bare number is in MiB.",
    transform: memorySize)
  var memory = ByteSize(bytes: 2 << 30)

  @Option(help: "The guest's Ethernet address; by default derived from the disk's path.")
  var mac: MACAddress?

  @Option(
    help: "A virby-keys key set; the guest sees its guest folder.", completion: .directory)
  var keys: String?

  @Option(
    help: "A folder of settings for the guest, which sees them beside its keys.",
    completion: .directory)
  var settings: String?

  @Option(help: "A second, read-only disk: the seed of a stock cloud image.")
  var seed: String?

  @Option(help: ArgumentHelp("A folder that the guest may mount.", valueName: "tag=dir"))
  var share: [String] = []

  @Option(help: "How the guest's SSH server is reached: user, nat or vsock.")
  var ssh: AccessName?

  @Option(help: "With qemu and '--ssh nat': the tap device.")
  var tap: String?

  @Option(help: "Boot this kernel directly.", completion: .file())
  var kernel: String?

  @Option(help: "The kernel's initial RAM disk.", completion: .file())
  var initrd: String?

  @Option(help: "The kernel's command line.")
  var cmdline: String?

  @Option(
    help: "The firmware's variables; by default the disk's name with '.efi'.", completion: .file())
  var efiStore: String?

  @Option(
    help: "Where to keep the guest's console output; by default the disk's name with '.log'.",
    completion: .file())
  var serial: String?

  @Flag(help: "Give the guest a second console, for people to type at.")
  var console = false

  @Option(help: "The folder for the driver's sockets.", completion: .directory)
  var control: String?

  @Flag(help: "Share Rosetta with the guest.")
  var rosetta = false

  @Flag(help: "Let the guest run virtual machines.")
  var nested = false

  @Option(
    help: ArgumentHelp(
      "Set the guest's clock through this vsock port when the host wakes.", valueName: "port"))
  var timesync: UInt32?

  @Option(help: "A second raw disk, for the guest's store.", completion: .file())
  var store: String?

  @Argument(help: "The raw disk image.", completion: .file())
  var disk: String

  /// Refuses what contradicts itself.
  func validate() throws {
    for (option, value) in [
      ("--keys", keys), ("--settings", settings), ("--seed", seed), ("--tap", tap),
      ("--kernel", kernel), ("--initrd", initrd), ("--efi-store", efiStore), ("--serial", serial),
      ("--control", control), ("--store", store), ("<disk>", disk),
    ] where value?.isEmpty == true {
      throw ValidationError("the value '' is invalid for '\(option)'")
    }
    if let mac, !mac.isUnicast {
      throw ValidationError(
        "the value '\(mac)' is invalid for '--mac': it is not a usable unicast address")
    }
    if cpus < 1 { throw ValidationError("the value '\(cpus)' is invalid for '--cpus'") }
    if keys == nil && settings != nil { throw ValidationError("'--settings' needs '--keys'") }
    if kernel == nil && (initrd != nil || cmdline != nil) {
      throw ValidationError("'--initrd' and '--cmdline' need '--kernel'")
    }
    if kernel != nil && efiStore != nil {
      throw ValidationError("'--kernel' and '--efi-store' cannot be used together")
    }
    if timesync == 0 { throw ValidationError("the value '0' is invalid for '--timesync'") }
    if tap != nil && ssh != .nat { throw ValidationError("'--tap' needs '--ssh nat'") }
  }

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

/// The ways to a guest's SSH server, as options name them.
enum AccessName: String, CaseIterable, ExpressibleByArgument {
  case nat, user, vsock
}

private func memorySize(_ text: String) throws -> ByteSize {
  guard let size = ByteSize(text, bareUnit: 1 << 20) else {
    throw ValidationError("write a size such as 6G or 6144MiB")
  }
  // A kernel that finds less resets the machine before it can say a word.
  guard size.bytes >= 256 << 20 else {
    throw ValidationError("no guest boots with less than 256MiB")
  }
  guard size.bytes % (1 << 20) == 0 else {
    throw ValidationError("write a whole number of MiB")
  }
  return size
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

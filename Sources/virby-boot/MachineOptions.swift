import ArgumentParser
import VirbyKit

/// The options that describe the machine.
struct MachineOptions: ParsableArguments {
  @Option(name: .shortAndLong, help: "Processors of the guest.")
  var cpus = 2

  @Option(
    name: .shortAndLong, help: "Memory of the guest; a bare number counts MiB.",
    transform: memorySize)
  var memory = ByteSize(bytes: 2 << 30)

  @Option(help: "The guest's Ethernet address; by default made from the disk's path.")
  var mac: MACAddress?

  @Option(help: "A key set of virby-keys whose guest part the guest sees.")
  var keys: String?

  @Option(help: ArgumentHelp("A folder that the guest may mount.", valueName: "tag=dir"))
  var share: [String] = []

  @Option(help: "How the guest's SSH server is reached: user, nat or vsock.")
  var ssh: AccessName?

  @Option(help: "With qemu and '--ssh nat': the tap device.")
  var tap: String?

  @Option(help: "Boot this kernel directly.")
  var kernel: String?

  @Option(help: "The initial RAM disk of the kernel.")
  var initrd: String?

  @Option(help: "The command line of the kernel.")
  var cmdline: String?

  @Option(help: "The firmware's variables; by default the disk's name with '.efi'.")
  var efiStore: String?

  @Option(help: "Where the guest's console is kept; by default the disk's name with '.log'.")
  var serial: String?

  @Option(help: "The folder for the driver's sockets.")
  var control: String?

  @Flag(help: "Share Rosetta with the guest.")
  var rosetta = false

  @Flag(help: "Let the guest run virtual machines.")
  var nested = false

  @Option(
    help: ArgumentHelp("Set the clock at wake through this vsock port.", valueName: "port"))
  var timesync: UInt32?

  @Argument(help: "The raw disk image.")
  var disk: String

  /// Refuses what contradicts itself.
  func validate() throws {
    if cpus < 1 { throw ValidationError("the value '\(cpus)' is invalid for '--cpus'") }
    if kernel == nil && (initrd != nil || cmdline != nil) {
      throw ValidationError("'--initrd' and '--cmdline' need '--kernel'")
    }
    if kernel != nil && efiStore != nil {
      throw ValidationError("'--kernel' and '--efi-store' exclude each other")
    }
    if timesync == 0 { throw ValidationError("the value '0' is invalid for '--timesync'") }
    if tap != nil && ssh != .nat { throw ValidationError("'--tap' needs '--ssh nat'") }
  }

  /// The machine.
  ///
  /// - Throws: 64 for a share that is not `TAG=DIR` or whose tag is taken, 71 for a file or folder that is not there.
  func machine(driver: DriverName, controlFolder: ControlFolder) throws(Failure) -> Machine {
    let image = try DiskImage.locate(disk)
    return Machine(
      disk: image, cpus: cpus, memory: memory, address: mac ?? MACAddress(derivedFrom: image),
      start: try start(image), access: access(driver, controlFolder), shares: try shares(),
      serial: try absolute(serial ?? "\(image).log"),
      controlSocket: controlFolder.socket("control.sock"),
      hasRosetta: rosetta, isNested: nested, timesyncPort: timesync)
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

  private func shares() throws(Failure) -> [Machine.Share] {
    var shares: [Machine.Share] = []
    if let keys {
      let folder = try Path.real(
        "\(keys)/guest", hintIfMissing: "make keys with 'virby-keys ensure'")
      shares.append(Machine.Share(tag: "virby-keys", folder: folder, isReadOnly: true))
    }
    for word in share {
      let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2 else {
        throw Failure(.usage, "cannot share '\(word)'", hint: "write TAG=DIR")
      }
      let folder = try Path.real(parts[1])
      guard Path.isFolder(folder) else {
        throw Failure(.usage, "cannot share '\(parts[1])': it is not a folder")
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
  guard let size = ByteSize(text, bareUnit: 1 << 20), size.bytes >= 1 << 20 else {
    throw ValidationError("write a size such as 6G or 6144MiB")
  }
  return size
}

// Optional.map needs functions, and carries their typed errors.
private func absolute(_ path: String) throws(Failure) -> String { try Path.absolute(path) }
private func realPath(_ path: String) throws(Failure) -> String { try Path.real(path) }

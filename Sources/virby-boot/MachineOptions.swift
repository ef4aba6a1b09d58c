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

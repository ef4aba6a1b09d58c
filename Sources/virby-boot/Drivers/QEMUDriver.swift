import VirbyKit

/// QEMU, for Linux and for trying things on macOS.
///
/// The machine has the devices that Virtualization.framework gives a guest: everything virtio, the console
/// on hvc0.
///
/// There is no choice of machine: with TCG and a kernel booted directly, `microvm` (with ACPI, RTC and, for the time
/// stamp counter, PIT) brought the builder to sshd's greeting in 6.3 s where `q35` took 6.7, the medians of five.
/// For that 6 % a guest would have to bring virtio-mmio in its initial RAM disk.
struct QEMUDriver: Driver {
  let name = DriverName.qemu
  let accelerator: Accelerator
  /// How the guest gets the folders that it may write to. The others come by 9p, which alone can be
  /// read-only.
  let sharing: SharingProtocol

  func arguments(for machine: Machine) throws(Failure) -> [String] {
    try refuseWhatItLacks(machine)
    return [Self.program, "-nodefaults", "-no-user-config", "-no-reboot", "-display", "none"]
      + processor(machine)
      + memory(machine)
      + (try start(machine))
      + disk(machine)
      + (try network(machine))
      + console(machine)
      + ["-device", "virtio-rng-pci"]
      + shares(machine)
      + control(machine)
  }

  private func refuseWhatItLacks(_ machine: Machine) throws(Failure) {
    if machine.hasRosetta { throw Failure(.usage, "driver 'qemu' has no Rosetta") }
    if machine.timesyncPort != nil {
      throw Failure(.usage, "driver 'qemu' cannot do '--timesync'")
    }
    if machine.isNested { try accelerator.refuseNestingUnlessSupported() }
  }

  private func processor(_ machine: Machine) -> [String] {
    var type = Self.machineType
    if hasVirtiofs(machine) { type += ",memory-backend=memory" }
    // On x86 it is a part of the processor.
    if machine.isNested && type.hasPrefix("virt") { type += ",virtualization=on" }
    return ["-machine", type, "-accel", accelerator.option, "-cpu", accelerator.cpu]
      + ["-smp", "\(machine.cpus)"]
  }

  private func memory(_ machine: Machine) -> [String] {
    let size = ["-m", "\(machine.mebibytes)"]
    guard hasVirtiofs(machine) else { return size }
    return size
      + ["-object", "memory-backend-memfd,id=memory,size=\(machine.mebibytes)M,share=on"]
  }

  private func start(_ machine: Machine) throws(Failure) -> [String] {
    switch machine.start {
    case .kernel(let kernel, let initrd, let commandLine):
      return ["-kernel", kernel] + (initrd.map { ["-initrd", $0] } ?? [])
        + ["-append", commandLine]
    case .firmware(let store):
      let code = try Firmware.installed().code
      return ["-drive", "if=pflash,format=raw,readonly=on,file=\(escaped(code))"]
        + ["-drive", "if=pflash,format=raw,file=\(escaped(store))"]
    }
  }

  private func disk(_ machine: Machine) -> [String] {
    ["-drive", "if=none,id=disk,format=raw,discard=unmap,file=\(escaped(machine.disk))"]
      + ["-device", "virtio-blk-pci,drive=disk"]
  }

  private func network(_ machine: Machine) throws(Failure) -> [String] {
    let backend: String
    switch machine.access {
    case .user:
      // Port 0: the kernel picks a free one, and QMP tells which.
      backend = "user,id=net,hostfwd=tcp:127.0.0.1:0-:22"
    case .nat(let tap?):
      backend = "tap,id=net,ifname=\(escaped(tap)),script=no,downscript=no"
    case .nat(nil) where Platform.isDarwin:
      // For root alone.
      backend = "vmnet-shared,id=net"
    case .nat(nil):
      throw Failure(
        .usage, "driver 'qemu' needs a tap device for '--ssh nat'", hint: "give one with '--tap'")
    case .vsock:
      throw Failure(.usage, "driver 'qemu' cannot do '--ssh vsock'", hint: "use '--ssh user'")
    }
    return ["-netdev", backend] + ["-device", "virtio-net-pci,netdev=net,mac=\(machine.address)"]
  }

  private func console(_ machine: Machine) -> [String] {
    let backend = machine.serial.map { "file,id=console,path=\(escaped($0))" } ?? "null,id=console"
    return ["-chardev", backend, "-device", "virtio-serial-pci"]
      + ["-device", "virtconsole,chardev=console"]
  }

  private func shares(_ machine: Machine) -> [String] {
    machine.shares.enumerated().flatMap { index, share in
      isByVirtiofs(share) ? virtiofs(share, machine.socket(ofShare: index)) : ninep(share)
    }
  }

  private func ninep(_ share: Machine.Share) -> [String] {
    let mode = share.isReadOnly ? ",readonly=on" : ""
    return [
      "-virtfs",
      "local,path=\(escaped(share.folder)),mount_tag=\(escaped(share.tag)),security_model=none"
        + mode,
    ]
  }

  private func control(_ machine: Machine) -> [String] {
    ["-chardev", "socket,id=qmp,path=\(escaped(machine.controlSocket)),server=on,wait=off"]
      + ["-mon", "chardev=qmp,mode=control"]
  }

  func isByVirtiofs(_ share: Machine.Share) -> Bool {
    sharing == .virtiofs && !share.isReadOnly
  }

  private func hasVirtiofs(_ machine: Machine) -> Bool {
    machine.shares.contains(where: isByVirtiofs)
  }

  /// A comma in the value of a QEMU option is written twice.
  func escaped(_ value: String) -> String {
    value.split(separator: ",", omittingEmptySubsequences: false).joined(separator: ",,")
  }

  #if arch(arm64)
    static let program = "qemu-system-aarch64"
    private static let machineType = "virt"
  #else
    static let program = "qemu-system-x86_64"
    private static let machineType = "q35"
  #endif
}

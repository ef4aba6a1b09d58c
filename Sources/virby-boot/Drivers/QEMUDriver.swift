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
  let architecture: Architecture
  let accelerator: Accelerator
  /// How the guest gets folders. Only 9p can make one read-only.
  let sharing: SharingProtocol

  func arguments(for machine: Machine) throws(Failure) -> [String] {
    try refuseWhatItLacks(machine)
    return [
      Self.program(of: architecture), "-nodefaults", "-no-user-config", "-no-reboot", "-display",
      "none",
    ]
      + processor(machine)
      + memory(machine)
      + (try start(machine))
      + disk(machine)
      + seed(machine)
      + (try network(machine))
      + console(machine)
      + ["-device", "virtio-rng-pci"]
      + shares(machine)
      + control(machine)
  }

  func preparation(of machine: Machine) throws(Failure) -> [String] {
    var lines = try virtiofsds(of: machine)
    if case .firmware(let store) = machine.start, !Path.exists(store) {
      let template = try Firmware.installed(for: architecture).variables
      lines.insert("cp \(shellQuoted(template)) \(shellQuoted(store))", at: 0)
    }
    return lines
  }

  private func refuseWhatItLacks(_ machine: Machine) throws(Failure) {
    if machine.hasRosetta { throw Failure(.usage, "driver 'qemu' does not support Rosetta") }
    if machine.timesyncPort != nil {
      throw Failure(.usage, "driver 'qemu' does not support '--timesync'")
    }
    for share in machine.shares where sharing == .ninep && share.tag.utf8.count > 31 {
      throw Failure(
        .usage,
        "cannot share '\(share.folder)' by 9p: the tag '\(share.tag)' is longer than 31 bytes",
        hint: "choose a shorter tag")
    }
    if machine.isNested { try accelerator.refuseNestingUnlessSupported() }
  }

  private func processor(_ machine: Machine) -> [String] {
    var type = architecture == .arm64 ? "virt" : "q35"
    if hasVirtiofs(machine) { type += ",memory-backend=memory" }
    // On x86 it is a part of the processor.
    if machine.isNested && architecture == .arm64 { type += ",virtualization=on" }
    return ["-machine", type, "-accel", accelerator.option]
      + ["-cpu", accelerator.cpu(of: architecture), "-smp", "\(machine.cpus)"]
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
      let code = try Firmware.installed(for: architecture).code
      return ["-drive", "if=pflash,format=raw,readonly=on,file=\(escaped(code))"]
        + ["-drive", "if=pflash,format=raw,file=\(escaped(store))"]
    }
  }

  private func disk(_ machine: Machine) -> [String] {
    ["-drive", "if=none,id=disk,format=raw,discard=unmap,file=\(escaped(machine.disk))"]
      + ["-device", "virtio-blk-pci,drive=disk"]
      + (machine.store.map {
        ["-drive", "if=none,id=store,format=raw,discard=unmap,file=\(escaped($0))"]
          + ["-device", "virtio-blk-pci,drive=store"]
      } ?? [])
  }

  private func seed(_ machine: Machine) -> [String] {
    guard let seed = machine.seed else { return [] }
    return ["-drive", "if=none,id=seed,format=raw,readonly=on,file=\(escaped(seed))"]
      + ["-device", "virtio-blk-pci,drive=seed"]
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
      throw Failure(
        .usage, "driver 'qemu' does not support '--ssh vsock'", hint: "use '--ssh user'")
    }
    return ["-netdev", backend] + ["-device", "virtio-net-pci,netdev=net,mac=\(machine.address)"]
  }

  private func console(_ machine: Machine) -> [String] {
    let backend = machine.serial.map { "file,id=console,path=\(escaped($0))" } ?? "null,id=console"
    let second =
      machine.consoleSocket.map {
        ["-chardev", "socket,id=second,path=\(escaped($0)),server=on,wait=off"]
          + ["-device", "virtconsole,chardev=second"]
      } ?? []
    return ["-chardev", backend, "-device", "virtio-serial-pci"]
      + ["-device", "virtconsole,chardev=console"] + second
  }

  private func shares(_ machine: Machine) -> [String] {
    machine.shares.enumerated().flatMap { index, share in
      sharing == .virtiofs ? virtiofs(share, machine.socket(ofShare: index)) : ninep(share)
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

  private func hasVirtiofs(_ machine: Machine) -> Bool {
    sharing == .virtiofs && !machine.shares.isEmpty
  }

  /// A comma in the value of a QEMU option is written twice.
  func escaped(_ value: String) -> String {
    // Of scalars: as a Character a comma and a combining mark after it are no comma.
    var doubled = String.UnicodeScalarView()
    for scalar in value.unicodeScalars {
      if scalar == "," { doubled.append(scalar) }
      doubled.append(scalar)
    }
    return String(doubled)
  }

  static func program(of architecture: Architecture) -> String {
    switch architecture {
    case .amd64: "qemu-system-x86_64"
    case .arm64: "qemu-system-aarch64"
    }
  }
}

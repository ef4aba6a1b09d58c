import VirbyKit

/// vfkit, which runs machines by Apple's Virtualization.framework.
///
/// Its options are split at every comma and know no quoting, so no path may contain one.
struct VfkitDriver: Driver {
  let name = DriverName.vfkit

  func arguments(for machine: Machine) throws(Failure) -> [String] {
    ["vfkit", "--cpus", "\(machine.cpus)", "--memory", "\(machine.mebibytes)"]
      + (try start(machine))
      + ["--device", "virtio-blk,path=\(try whole(machine.disk))"]
      + (try network(machine))
      + (try console(machine))
      + ["--device", "virtio-rng"]
      + (try shares(machine))
      + (machine.isNested ? ["--nested"] : [])
      + ["--restful-uri", "unix://\(machine.controlSocket)"]
  }

  func control(of machine: Machine) -> any Control {
    RESTControl(
      socket: machine.controlSocket, dialect: .vfkit, access: machine.access.endpoint)
  }

  private func start(_ machine: Machine) throws(Failure) -> [String] {
    switch machine.start {
    case .firmware(let store):
      // `create` wipes an existing store, whatever vfkit's manual says.
      let create = Path.exists(store) ? "" : ",create"
      return ["--bootloader", "efi,variable-store=\(try whole(store))\(create)"]
    case .kernel(let kernel, let initrd?, let commandLine):
      return ["--kernel", kernel, "--initrd", initrd, "--kernel-cmdline", commandLine]
    case .kernel:
      throw Failure(.usage, "driver 'vfkit' needs an initrd beside the kernel")
    }
  }

  private func network(_ machine: Machine) throws(Failure) -> [String] {
    let nat = ["--device", "virtio-net,nat,mac=\(machine.address)"]
    switch machine.access {
    case .nat(nil): return nat
    case .vsock(let socket):
      return nat + ["--device", "virtio-vsock,port=22,socketURL=\(try whole(socket)),connect"]
    case .nat:
      throw Failure(.usage, "driver 'vfkit' has no use for '--tap'")
    case .user:
      throw Failure(.usage, "driver 'vfkit' cannot do '--ssh user'", hint: "use '--ssh nat'")
    }
  }

  private func console(_ machine: Machine) throws(Failure) -> [String] {
    guard let serial = machine.serial else { return [] }
    return ["--device", "virtio-serial,logFilePath=\(try whole(serial))"]
  }

  private func shares(_ machine: Machine) throws(Failure) -> [String] {
    var words: [String] = []
    for share in machine.shares {
      words += [
        "--device",
        "virtio-fs,sharedDir=\(try whole(share.folder)),mountTag=\(try whole(share.tag))",
      ]
    }
    if machine.hasRosetta { words += ["--device", "rosetta,mountTag=rosetta"] }
    return words
  }

  private func whole(_ value: String) throws(Failure) -> String {
    guard !value.contains(",") else {
      throw Failure(.usage, "driver 'vfkit' cannot take '\(value)': it has a comma")
    }
    return value
  }
}

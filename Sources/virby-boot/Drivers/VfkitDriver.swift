import VirbyKit

/// vfkit, which runs machines by Apple's Virtualization.framework.
struct VfkitDriver: Driver {
  let name = DriverName.vfkit
  /// Whether it says more than errors.
  let isVerbose: Bool
  /// Whether the host can nest; nil if it does not tell.
  var nests = Platform.supportsNesting

  /// Every REST request is logged there.
  let hasNoisyOutput = true

  func arguments(for machine: Machine) throws(Failure) -> [String] {
    try refuseNesting(machine, unless: nests)
    let disk = try whole(machine.disk)
    return ["vfkit", "--cpus", "\(machine.cpus)", "--memory", "\(machine.mebibytes)"]
      + (try start(machine))
      + ["--device", "virtio-blk,path=\(disk)"]
      + (try machine.store.map(store) ?? [])
      + (try seed(machine))
      + (try network(machine))
      + (try console(machine))
      + ["--device", "virtio-rng"]
      + (try shares(machine))
      + (machine.isNested ? ["--nested"] : [])
      + (machine.timesyncPort.map { ["--timesync", "vsockPort=\($0)"] } ?? [])
      + ["--restful-uri", "unix://\(PercentEncoding.urlPath(machine.controlSocket))"]
      + ["--log-level", isVerbose ? "info" : "error"]
  }

  private func start(_ machine: Machine) throws(Failure) -> [String] {
    switch machine.start {
    case .firmware(let store):
      // `create` wipes an existing store, whatever vfkit's manual says.
      let create = Path.exists(store) ? "" : ",create"
      return ["--bootloader", "efi,variable-store=\(try whole(store, without: ",\""))\(create)"]
    case .kernel(let kernel, let initrd?, let commandLine):
      return ["--kernel", kernel, "--initrd", initrd, "--kernel-cmdline", commandLine]
    case .kernel:
      throw Failure(.usage, "driver 'vfkit' needs an initrd with the kernel")
    }
  }

  private func store(_ path: String) throws(Failure) -> [String] {
    ["--device", "virtio-blk,path=\(try whole(path))"]
  }

  private func seed(_ machine: Machine) throws(Failure) -> [String] {
    guard let seed = machine.seed else { return [] }
    return ["--device", "virtio-blk,path=\(try whole(seed)),readonly"]
  }

  private func network(_ machine: Machine) throws(Failure) -> [String] {
    // Without an address vfkit makes up another one at each start.
    let nat = ["--device", "virtio-net,nat,mac=\(machine.address)"]
    switch machine.access {
    case .nat(nil): return nat
    case .vsock(let socket):
      guard PercentEncoding.urlPath(socket) == socket else {
        throw Failure(
          .usage, "driver 'vfkit' cannot listen at '\(socket)': it would escape part of the name",
          hint: "name another folder with '--control'")
      }
      return nat + ["--device", "virtio-vsock,port=22,socketURL=\(try whole(socket)),connect"]
    case .nat:
      throw Failure(.usage, "driver 'vfkit' does not support '--tap'")
    case .user:
      throw Failure(.usage, "driver 'vfkit' does not support '--ssh user'", hint: "use '--ssh nat'")
    }
  }

  private func console(_ machine: Machine) throws(Failure) -> [String] {
    // Its REST interface tells which pseudo-terminal it is: /vm/inspect.
    let second = machine.consoleSocket == nil ? [] : ["--device", "virtio-serial,pty"]
    guard let serial = machine.serial else { return second }
    return ["--device", "virtio-serial,logFilePath=\(try whole(serial))"] + second
  }

  private func shares(_ machine: Machine) throws(Failure) -> [String] {
    var words: [String] = []
    for share in machine.shares {
      let folder = try whole(share.folder)
      words += ["--device", "virtio-fs,sharedDir=\(folder),mountTag=\(try whole(share.tag))"]
    }
    if machine.hasRosetta { words += ["--device", "rosetta,mountTag=rosetta"] }
    return words
  }
}

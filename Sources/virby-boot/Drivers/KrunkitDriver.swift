import VirbyKit

/// krunkit, which runs machines by libkrun and gives memory back to macOS.
///
/// It brings its own firmware and boots the first disk; its network is vmnet-helper's.
struct KrunkitDriver: Driver {
  let name = DriverName.krunkit
  /// Whether it says more than errors.
  let isVerbose: Bool
  /// Whether the host can nest; nil if it does not tell.
  var nests = Platform.supportsNesting

  func arguments(for machine: Machine) throws(Failure) -> [String] {
    try refuseNesting(machine, unless: nests)
    try refuseWhatItLacks(machine)
    return ["krunkit", "--cpus", "\(machine.cpus)", "--memory", "\(machine.mebibytes)"]
      + ["--device", "virtio-blk,path=\(try part(machine.disk)),format=raw"]
      + (try machine.store.map(store) ?? [])
      + ["--device", "virtio-net,type=unixgram,fd=\(Self.network),mac=\(machine.address)"]
      + (try console(machine))
      + ["--device", "virtio-rng"]
      + (try shares(machine))
      + (machine.isNested ? ["--nested"] : [])
      + (machine.timesyncPort.map { ["--timesync", "vsockPort=\($0)"] } ?? [])
      + ["--restful-uri", "unix://\(machine.controlSocket)"]
      + ["--krun-log-level", isVerbose ? "3" : "1"]
  }

  func companions(of machine: Machine, group: Int32) throws(Failure) -> [Companion] {
    let (helpersEnd, driversEnd) = try EthernetLink.make()
    let helper = try Companion(
      ["vmnet-helper", "--fd", "\(Inheritance.Role.service.rawValue)"], ready: .line,
      serving: helpersEnd, network: driversEnd, hint: "before macOS 26 it must run as root",
      group: group)
    return [helper]
  }

  /// Of vmnet-helper; its command gets the network as descriptor 4 too.
  let launcher = ["vmnet-run", "--"]

  /// The descriptor under which it gets its end of the network.
  private static let network = Inheritance.Role.network.rawValue

  private func refuseWhatItLacks(_ machine: Machine) throws(Failure) {
    switch machine.access {
    case .nat(nil): break
    case .nat: throw Failure(.usage, "driver 'krunkit' does not support '--tap'")
    case .user, .vsock:
      throw Failure(.usage, "driver 'krunkit' supports only '--ssh nat'")
    }
    if case .kernel = machine.start {
      throw Failure(.usage, "driver 'krunkit' cannot boot a kernel directly")
    }
    // It has no read-only disks.
    if machine.seed != nil { throw Failure(.usage, "driver 'krunkit' does not support '--seed'") }
    if machine.consoleSocket != nil {
      throw Failure(.usage, "driver 'krunkit' does not support '--console'")
    }
    if machine.hasRosetta { throw Failure(.usage, "driver 'krunkit' does not support Rosetta") }
    if machine.cpus > 255 {
      throw Failure(.usage, "driver 'krunkit' can give a guest at most 255 processors")
    }
    if machine.mebibytes > 61440 {
      throw Failure(.usage, "driver 'krunkit' can give a guest at most 60GiB of memory")
    }
  }

  private func store(_ path: String) throws(Failure) -> [String] {
    ["--device", "virtio-blk,path=\(try part(path)),format=raw"]
  }

  private func console(_ machine: Machine) throws(Failure) -> [String] {
    guard let serial = machine.serial else { return [] }
    return ["--device", "virtio-serial,logFilePath=\(try part(serial))"]
  }

  private func shares(_ machine: Machine) throws(Failure) -> [String] {
    var words: [String] = []
    for share in machine.shares {
      let folder = try part(share.folder)
      words += ["--device", "virtio-fs,sharedDir=\(folder),mountTag=\(try part(share.tag))"]
    }
    return words
  }

  private func part(_ value: String) throws(Failure) -> String {
    try whole(value, without: ",=")
  }
}

import VirbyKit

@testable import virby_boot

extension Machine {
  /// A machine that any driver can run, but for what a test gives it.
  static func sample(
    disk: String = "/vm/disk.img", store: String? = nil, seed: String? = nil,
    start: Start = .kernel("/k", initrd: "/i", commandLine: "ro"),
    access: Access = .user, shares: [Share] = [], serial: String? = nil, console: String? = nil,
    hasRosetta: Bool = false,
    isNested: Bool = false, timesyncPort: UInt32? = nil, controlFolder: String = "/vm/control"
  ) throws -> Machine {
    Machine(
      disk: disk, store: store, seed: seed, cpus: 2, memory: ByteSize(bytes: 1 << 30),
      address: MACAddress(derivedFrom: disk), start: start, access: access, shares: shares,
      serial: serial, consoleSocket: console, controlSocket: "\(controlFolder)/control.sock",
      hasRosetta: hasRosetta, isNested: isNested, timesyncPort: timesyncPort)
  }
}

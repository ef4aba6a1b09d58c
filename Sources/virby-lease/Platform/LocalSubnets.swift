import VirbyKit

/// The networks on which this machine meets its virtual machines.
enum LocalSubnets {
  /// Those that are there now. One to which nothing is attached does not count; a self-assigned
  /// address (169.254/16) says nothing about where VMs are, so it is left out.
  ///
  /// - Returns: nil if the system does not say where its VMs are.
  /// - Throws: 71.
  static func live() throws(Failure) -> [Subnet]? {
    let subnets = try InterfaceAddress.all()
      .filter { $0.isRunning && $0.address.isUsable && meetsVirtualMachines($0) }
      .map { Subnet(host: $0.address, mask: $0.mask) }
    return subnets.isEmpty && !isComplete ? nil : subnets
  }

  #if canImport(Darwin)
    /// vmnet makes a bridge, `bridge100` and up, for the first VM of a network, and takes it away
    /// after the last: none means that no VM is on a network of this machine so far.
    private static let isComplete = true

    private static func meetsVirtualMachines(_ address: InterfaceAddress) -> Bool {
      address.interface.hasPrefix("bridge")
    }
  #else
    /// VMs may be on any network here: none that is known means nothing.
    private static let isComplete = false

    /// A bridge or a tap device. A tun device, such as a VPN's, has `tun_flags` too, but no broadcast.
    private static func meetsVirtualMachines(_ address: InterfaceAddress) -> Bool {
      let folder = "/sys/class/net/\(address.interface)"
      return Path.exists("\(folder)/bridge")
        || (address.isBroadcast && Path.exists("\(folder)/tun_flags"))
    }
  #endif
}

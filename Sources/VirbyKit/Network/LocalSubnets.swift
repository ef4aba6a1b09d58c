#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// The networks on which this machine meets its virtual machines.
public enum LocalSubnets {
  /// Reads them from getifaddrs(3): on macOS those of the interfaces `bridge…`, which vmnet makes;
  /// on Linux those of bridges and tap devices. One to which nothing is attached does not count.
  ///
  /// A self-assigned address (169.254/16) says nothing about where VMs are, so it is left out.
  ///
  /// - Throws: 71.
  public static func live() throws(Failure) -> [Subnet] {
    var first: UnsafeMutablePointer<ifaddrs>?
    if getifaddrs(&first) != 0 { throw .system("cannot list the network interfaces") }
    defer { freeifaddrs(first) }
    var subnets: [Subnet] = []
    var next = first
    while let entry = next?.pointee {
      next = entry.ifa_next
      // A BSD netmask may lack the family, so that of the address speaks for both.
      guard entry.ifa_flags & running == running, meetsVirtualMachines(entry),
        let host = entry.ifa_addr, Int32(host.pointee.sa_family) == AF_INET,
        address(host).isUsable, let mask = entry.ifa_netmask
      else { continue }
      subnets.append(Subnet(host: address(host), mask: address(mask).value))
    }
    return subnets
  }

  private static let running = UInt32(IFF_UP | IFF_RUNNING)

  private static func address(_ socketAddress: UnsafeMutablePointer<sockaddr>) -> IPv4Address {
    socketAddress.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
      IPv4Address(UInt32(bigEndian: $0.pointee.sin_addr.s_addr))
    }
  }

  #if canImport(Darwin)
    private static func meetsVirtualMachines(_ entry: ifaddrs) -> Bool {
      strncmp(entry.ifa_name, "bridge", 6) == 0
    }
  #else
    /// A tun device, such as a VPN's, has `tun_flags` too, but no broadcast.
    private static func meetsVirtualMachines(_ entry: ifaddrs) -> Bool {
      let folder = "/sys/class/net/\(String(cString: entry.ifa_name))"
      if access("\(folder)/bridge", F_OK) == 0 { return true }
      return entry.ifa_flags & UInt32(IFF_BROADCAST) != 0
        && access("\(folder)/tun_flags", F_OK) == 0
    }
  #endif
}

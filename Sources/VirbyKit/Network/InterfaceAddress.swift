#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// An IPv4 address of one of this machine's network interfaces.
public struct InterfaceAddress: Sendable {
  /// The interface's name: `en0`, `bridge100`, `eth0`.
  public let interface: String
  /// The address.
  public let address: IPv4Address
  /// Its netmask, the first byte highest; all ones if the system does not say.
  public let mask: UInt32
  /// Whether the interface is up, and on Linux has something attached to it (IFF_UP, IFF_RUNNING).
  public let isRunning: Bool
  /// Whether the interface has a broadcast address, as Ethernet has and a tunnel has not (IFF_BROADCAST).
  public let isBroadcast: Bool

  /// All of them, by getifaddrs(3), in the system's order.
  ///
  /// - Throws: 71.
  public static func all() throws(Failure) -> [InterfaceAddress] {
    var first: UnsafeMutablePointer<ifaddrs>?
    if getifaddrs(&first) != 0 { throw .system("cannot list the network interfaces") }
    defer { freeifaddrs(first) }
    var addresses: [InterfaceAddress] = []
    var next = first
    while let entry = next?.pointee {
      next = entry.ifa_next
      // A BSD netmask may lack the family, so that of the address speaks for both.
      guard let address = entry.ifa_addr, Int32(address.pointee.sa_family) == AF_INET else {
        continue
      }
      let has = { (flag: UInt32) in entry.ifa_flags & flag != 0 }
      addresses.append(
        InterfaceAddress(
          interface: String(cString: entry.ifa_name), address: IPv4Address(value(of: address)),
          mask: entry.ifa_netmask.map(value) ?? .max,
          isRunning: has(UInt32(IFF_UP)) && has(UInt32(IFF_RUNNING)),
          isBroadcast: has(UInt32(IFF_BROADCAST))))
    }
    return addresses
  }

  private static func value(of address: UnsafeMutablePointer<sockaddr>) -> UInt32 {
    address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
      UInt32(bigEndian: $0.pointee.sin_addr.s_addr)
    }
  }
}

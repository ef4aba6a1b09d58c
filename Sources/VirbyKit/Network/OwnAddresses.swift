#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// The IPv4 addresses of this machine itself.
public enum OwnAddresses {
  /// Whether one of this machine's interfaces has the address, by getifaddrs(3).
  ///
  /// - Throws: 71.
  public static func contain(_ address: IPv4Address) throws(Failure) -> Bool {
    var first: UnsafeMutablePointer<ifaddrs>?
    if getifaddrs(&first) != 0 { throw .system("cannot list the network interfaces") }
    defer { freeifaddrs(first) }
    var next = first
    while let entry = next?.pointee {
      next = entry.ifa_next
      guard let own = entry.ifa_addr, Int32(own.pointee.sa_family) == AF_INET else { continue }
      let value = own.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
        UInt32(bigEndian: $0.pointee.sin_addr.s_addr)
      }
      if value == address.value { return true }
    }
    return false
  }
}

/// Where this system's DHCP server for virtual machines keeps its leases.
enum DHCPLeases {
  #if canImport(Darwin)
    /// bootpd(8)'s file; it appears with the first lease.
    static let defaultPath = "/var/db/dhcpd_leases"
  #else
    /// dnsmasq(8)'s file, as the distributions configure it.
    static let defaultPath = "/var/lib/misc/dnsmasq.leases"
  #endif
}

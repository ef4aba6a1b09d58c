/// The IPv4 network that one of this machine's interfaces is on.
public struct Subnet: Equatable, Sendable {
  /// This machine's own address there.
  public let host: IPv4Address
  /// The netmask, the first byte highest.
  public let mask: UInt32

  /// The network around an address.
  public init(host: IPv4Address, mask: UInt32) {
    self.host = host
    self.mask = mask
  }

  /// Whether an address is reached through that interface without a router.
  public func contains(_ address: IPv4Address) -> Bool {
    (address.value ^ host.value) & mask == 0
  }

  /// Whether another machine there can have that address: it is inside, and neither this machine's
  /// own nor the network's first or last, which name the network and its broadcast.
  public func hasRoom(for address: IPv4Address) -> Bool {
    let rest = address.value & ~mask
    guard contains(address), address != host else { return false }
    // A network of one or two addresses (RFC 3021) has no broadcast.
    return mask >= 0xffff_fffe || (rest != 0 && rest != ~mask)
  }
}

extension Subnet: CustomStringConvertible {
  /// `192.168.64.0/24`
  public var description: String {
    "\(IPv4Address(host.value & mask))/\(mask.nonzeroBitCount)"
  }
}

import VirbyKit

/// The IPv4 network that one of this machine's interfaces is on.
struct Subnet: Equatable, Sendable {
  /// This machine's own address there.
  let host: IPv4Address
  /// The netmask, the first byte highest.
  let mask: UInt32

  /// The network around an address.
  init(host: IPv4Address, mask: UInt32) {
    self.host = host
    self.mask = mask
  }

  /// Whether an address is reached through that interface without a router.
  func contains(_ address: IPv4Address) -> Bool {
    (address.value ^ host.value) & mask == 0
  }

  /// Whether another machine there can have that address: it is inside, and neither this machine's
  /// own nor the network's first or last, which name the network and its broadcast.
  func hasRoom(for address: IPv4Address) -> Bool {
    let rest = address.value & ~mask
    guard contains(address), address != host else { return false }
    // A network of one or two addresses (RFC 3021) has no broadcast.
    return mask >= 0xffff_fffe || (rest != 0 && rest != ~mask)
  }
}

extension Subnet: CustomStringConvertible {
  /// `192.168.64.0/24`
  var description: String {
    "\(IPv4Address(host.value & mask))/\(mask.nonzeroBitCount)"
  }
}

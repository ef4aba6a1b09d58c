import VirbyKit

/// The address that a lease has given a client.
struct LeaseAnswer {
  /// The address.
  let address: IPv4Address
  /// When the lease ends.
  let expiry: LeaseExpiry
  /// Another client to which the address is leased too, in printable ASCII.
  let rival: String?

  /// Warns if another client has the address too.
  func warnOfRival(_ log: Diagnostics) {
    if let rival { log.warn("'\(address)' is also leased to '\(rival)'") }
  }
}

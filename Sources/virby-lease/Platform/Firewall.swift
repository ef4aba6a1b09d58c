import VirbyKit

/// The firewall that may keep a DHCP server from its clients.
enum Firewall {
  /// What to look at when a guest gets no lease: a Mac's application firewall often blocks bootpd(8).
  static func hint(onDarwin: Bool = Platform.isDarwin) -> String? {
    guard onDarwin else { return nil }
    let firewall = "/usr/libexec/ApplicationFirewall/socketfilterfw"
    return "see whether the firewall blocks bootpd: \(firewall) --listapps"
  }
}

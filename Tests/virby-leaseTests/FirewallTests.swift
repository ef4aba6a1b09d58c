import Testing

@testable import virby_lease

@Suite struct FirewallTests {
  @Test func aMacHasAFirewallThatMayBlockBootpd() {
    #expect(
      Firewall.hint(onDarwin: true)
        == "see whether the firewall blocks bootpd: /usr/libexec/ApplicationFirewall/socketfilterfw --listapps"
    )
    #expect(Firewall.hint(onDarwin: false) == nil)
  }
}

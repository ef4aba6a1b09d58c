import Testing
import VirbyKit

@Suite struct IPv4AddressTests {
  @Test(arguments: ["0.0.0.0", "192.168.64.5", "255.255.255.255", "10.0.0.100"])
  func readsWhatItWrites(text: String) {
    #expect(IPv4Address(text: text.utf8)?.description == text)
  }

  @Test(arguments: [
    "", ".", "1", "1.2.3", "1.2.3.", ".1.2.3", "1..2.3", "1.2.3.4.", "1.2.3.4.5", "256.1.1.1",
    "1.2.3.999", "01.2.3.4", "1.2.3.00", "+1.2.3.4", "1.2.3.4 ", " 1.2.3.4", "a.b.c.d", "::1",
    "1.2.3.4294967300",
  ])
  func refusesEverythingElse(text: String) {
    #expect(IPv4Address(text: text.utf8) == nil)
  }

  @Test(arguments: [
    ("1.0.0.0", true), ("223.255.255.255", true), ("169.253.1.1", true), ("169.255.1.1", true),
    ("0.1.2.3", false), ("127.9.9.9", false), ("169.254.0.1", false), ("224.0.0.1", false),
    ("240.0.0.1", false), ("255.255.255.255", false),
  ])
  func knowsWhatAMachineCanHave(text: String, isUsable: Bool) {
    #expect(IPv4Address(text: text.utf8)?.isUsable == isUsable)
  }
}

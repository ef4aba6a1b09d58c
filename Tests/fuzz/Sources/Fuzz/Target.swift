@testable import VirbyLease

/// What is fuzzed: a reader of bytes that strangers chose.
enum Target: String, CaseIterable {
  case leases, bootpd, dnsmasq, arp, neighbours, events

  /// Gives the reader an input, and looks whether what comes out is as it must be.
  func test(_ input: [UInt8]) {
    switch self {
    case .events: testEvents(input)
    case .leases: testLeases(input)
    // A first line that decides the format; the rest is the fuzzer's.
    case .bootpd: testLeases("{\n".utf8 + input, as: .bootpd)
    case .dnsmasq: testLeases("duid 0\n".utf8 + input, as: .dnsmasq)
    case .arp: testLeases("? (0) at 0\n".utf8 + input, as: .arp)
    case .neighbours: testLeases("0.0.0.0 dev 0\n".utf8 + input, as: .neighbours)
    }
  }
}

/// Ends the process, and with it the fuzzing, if that is not so.
func check(_ isSo: Bool, _ rule: String) {
  if !isSo { fatalError("broken: \(rule)") }
}

/// Ends the process if a text has a byte that a terminal could act on.
func checkHarmless(_ text: String) {
  check(text.utf8.allSatisfy { (0x20..<0x7f).contains($0) || $0 == 0x0a }, "output is harmless")
}

import Testing
import VirbyKit

@testable import virby_lease

@Suite struct ClientIDTests {
  private func read(_ text: String) -> ClientID? {
    Array(text.utf8).withUnsafeBytes { ClientID(bootpd: $0[...]) }
  }

  @Test func aMACOfEthernet() {
    #expect(read("1,2:94:0:a:1:2") == .hardware(builder))
    #expect(read("01,02:94:00:0A:01:02") == .hardware(builder))
  }

  @Test func aDUIDOfEthernetInItsExactLength() {
    #expect(read("ff,0:0:0:0:0:3:0:1:2:94:0:a:1:2") == .duid(builder))
    #expect(read("ff,0:0:0:0:0:1:0:1:d:c:b:a:2:94:0:a:1:2") == .duid(builder))
    for other in [
      "ff,0:0:0:0:0:3:0:1:9:2:94:0:a:1:2", "ff,0:0:0:0:0:3:0:1:94:0:a:1:2",
      "ff,0:0:0:0:0:3:0:2:2:94:0:a:1:2", "ff,0:0:0:0:0:1:0:1:2:94:0:a:1:2",
      "ff,0:0:0:0:0:4:0:1:2:94:0:a:1:2", "ff,2:94:0:a:1:2", "ff,0",
    ] {
      #expect(read(other) == .duid(nil))
    }
  }

  @Test(arguments: ["0,62:75:69:6c:64", "6,2:94:0:a:1:2", "1,2:94:0:a:1", "1,2:94:0:a:1:2:3"])
  func somethingElse(text: String) {
    #expect(read(text) == .other)
  }

  @Test(arguments: [
    "", ",", "1", "1,", ",2:94:0:a:1:2", "1,2:94:0:a:1:", "1,:2", "1,2::3", "1,+2:94:0:a:1:2",
    "1,002", "100,2:94:0:a:1:2", "g,2", "1 ,2", "1,2 ",
  ])
  func malformed(text: String) {
    #expect(read(text) == nil)
  }
}

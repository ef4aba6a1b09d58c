import Testing
import VirbyKit

@Suite struct MACAddressTests {
  @Test(arguments: ["02:94:00:0a:01:02", "2:94:0:a:1:2", "02-94-00-0A-01-02"])
  func readsEverySpelling(text: String) {
    #expect(MACAddress(text)?.bytes == [2, 0x94, 0, 10, 1, 2])
    #expect(MACAddress(text)?.description == "02:94:00:0a:01:02")
  }

  @Test(arguments: [
    "", "2:94:0:a:1", "2:94:0:a:1:2:3", "2:94:0:a:1:", "+2:94:0:a:1:2", "2:94:0:a:1:g",
    "002:94:0:a:1:2", "2:94-0:a:1:2", "02940000a0102",
  ])
  func refusesEverythingElse(text: String) {
    #expect(MACAddress(text) == nil)
  }

  @Test func bytesAndNumberAreTheSame() {
    #expect(
      MACAddress(bytes: [2, 0x94, 0, 10, 1, 2]) == MACAddress(low48Bits: 0xffff_0294_000a_0102))
    #expect(MACAddress(bytes: [1, 2, 3, 4, 5]) == nil)
  }
}

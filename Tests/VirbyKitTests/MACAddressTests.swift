import Testing

@testable import VirbyKit

@Suite struct MACAddressTests {
  @Test(arguments: [
    ("02:94:00:0a:01:02", "02:94:00:0a:01:02"),
    ("2:94:0:a:1:2", "02:94:00:0a:01:02"),
    ("5A-94-EF-E4-0C-EE", "5a:94:ef:e4:0c:ee"),
    ("0:0:0:0:0:0", "00:00:00:00:00:00"),
  ])
  func everySpellingIsOneAddress(text: String, canonical: String) {
    #expect(MACAddress(text)?.description == canonical)
    #expect(MACAddress(text) == MACAddress(argument: canonical))
  }

  @Test(arguments: [
    "", ":::::", "02:94:00:0a:01", "02:94:00:0a:01:02:03", "02:94:00:0a:01:", ":02:94:00:0a:01:02",
    "02:94:00:0a:01:002", "02:94:00:0a:01:g2", "029400:0a0102", "0294000a0102", "02:94-00:0a-01:02",
    "+2:94:0:a:1:2", "-2:94:0:a:1:2", "2:94:0:a:1:+2", "02:94:00:0a:01:02 ", " 02:94:00:0a:01:02",
    "02:94:00:0a:01:02\n", "０２:94:00:0a:01:02", "０２:02:94:00:0a:01:02",
  ])
  func anythingElseIsRefused(text: String) {
    #expect(MACAddress(text) == nil)
  }

  @Test func sixBytesAreAnAddressAndNoOtherNumberOfThem() {
    #expect(MACAddress(bytes: [2, 0, 0, 0, 0, 255])?.description == "02:00:00:00:00:ff")
    #expect(MACAddress(bytes: [2, 0, 0, 0, 0]) == nil)
    #expect(MACAddress(bytes: [2, 0, 0, 0, 0, 0, 0]) == nil)
  }

  @Test(arguments: [
    ("02:94:00:0a:01:02", true), ("00:00:00:00:00:01", true), ("fe:ff:ff:ff:ff:ff", true),
    ("00:00:00:00:00:00", false), ("01:00:5e:00:00:01", false), ("ff:ff:ff:ff:ff:ff", false),
  ])
  func oneStationsAddressIsNeitherZeroNorAGroups(text: String, isUnicast: Bool) {
    #expect(MACAddress(text)?.isUnicast == isUnicast)
  }

  @Test func bytesAndNumberAreTheSame() {
    #expect(
      MACAddress(bytes: [2, 0x94, 0, 10, 1, 2]) == MACAddress(low48Bits: 0xffff_0294_000a_0102))
  }

  @Test func anAddressMadeFromANameIsItsOwnAndLocal() {
    let address = MACAddress(derivedFrom: "/vm/disk.img")
    #expect(address == MACAddress(derivedFrom: "/vm/disk.img"))
    #expect(address != MACAddress(derivedFrom: "/vm/disk2.img"))
    #expect(address.bytes[0] & 3 == 2)
  }
}

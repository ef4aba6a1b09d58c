import Testing

@testable import VirbyKit

@Suite struct ByteSizeTests {
  @Test(
    arguments: [
      ("1B", 1), ("4096B", 4096), ("512K", 512 << 10), ("512KiB", 512 << 10),
      ("6144MiB", 6144 << 20),
      ("6G", 6 << 30), ("100GiB", 100 << 30), ("2T", 2 << 40), ("2TiB", 2 << 40), ("007G", 7 << 30),
      ("9223372036854775807B", Int64.max), ("8388607TiB", 8_388_607 << 40),
    ] as [(String, Int64)])
  func digitsAndAUnitAreASize(text: String, bytes: Int64) {
    #expect(ByteSize(text)?.bytes == bytes)
    #expect(ByteSize(argument: text)?.bytes == bytes)
  }

  @Test(arguments: [
    "", "G", "0", "0G", "-1G", "+1G", "1.5G", "1,5G", "1 G", " 1G", "1G ", "1GB", "1MB", "1g",
    "1gib",
    "1Gi", "1P", "0x10G", "1e3M", "٣G", "１G", "9223372036854775808B", "8388608TiB",
    "99999999999999999999G",
    "1G\n", "100",
  ])
  func anythingElseIsRefused(text: String) {
    #expect(ByteSize(text) == nil)
  }

  @Test func aBareNumberCountsTheUnitThatTheCommandNames() {
    #expect(ByteSize("6144", bareUnit: 1 << 20)?.bytes == 6144 << 20)
    #expect(ByteSize("6G", bareUnit: 1 << 20)?.bytes == 6 << 30)
    #expect(ByteSize("8796093022208", bareUnit: 1 << 20) == nil)
  }

  @Test(
    arguments: [
      (0, "0B"), (1000, "1000B"), (1 << 10, "1KiB"), (1025, "1025B"), (6 << 30, "6GiB"),
      (1 << 40, "1TiB"), (1536 << 20, "1536MiB"),
    ] as [(Int64, String)])
  func theLargestUnitThatDividesItIsPrinted(bytes: Int64, text: String) {
    #expect(ByteSize(bytes: bytes).description == text)
    if bytes > 0 { #expect(ByteSize(text)?.bytes == bytes) }
  }

  @Test func smallerSizesComeFirst() {
    #expect(ByteSize(bytes: 1) < ByteSize(bytes: 2))
  }
}

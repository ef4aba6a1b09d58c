import Testing
import VirbyKit

@testable import virby_image

@Suite struct CRC32Tests {
  @Test func checkValueOfTheCatalogue() {
    #expect(CRC32.checksum("123456789".utf8) == 0xcbf4_3926)
    #expect(CRC32.checksum([]) == 0)
  }
}

@Suite struct GUIDTests {
  @Test func firstThreeFieldsAreLittleEndian() {
    let bytes: [UInt8] = [
      0xff, 0x28, 0x73, 0x2a, 0xc1, 0x1f, 0xf8, 0xd2, 0x11, 0xba, 0x4b, 0, 0xa0, 0xc9, 0x3e, 0xc9,
      0x3b,
    ]
    // The EFI system partition.
    #expect(GUID(bytes, at: 1).description == "C12A7328-F81F-11D2-BA4B-00A0C93EC93B")
    #expect(!GUID(bytes, at: 1).isZero)
  }
}

@Suite struct ForeignFormatTests {
  private static let marks: [(mark: [UInt8], offset: Int, text: String)] = [
    (Array("QFI".utf8) + [0xfb], 0, "a qcow2 image"),
    ([0x1f, 0x8b, 0x08], 0, "compressed with gzip"),
    ([0xfd] + Array("7zXZ".utf8) + [0], 0, "compressed with xz"),
    ([0x28, 0xb5, 0x2f, 0xfd], 0, "compressed with zstd"),
    (Array("BZh9".utf8), 0, "compressed with bzip2"),
    (Array("KDMV".utf8), 0, "a VMDK image"),
    (Array("# Disk DescriptorFile".utf8), 0, "a VMDK descriptor"),
    (Array("vhdxfile".utf8), 0, "a VHDX image"),
    (Array("CD001".utf8), 32769, "an ISO 9660 image"),
  ]

  @Test(arguments: marks.indices) func knownByItsMark(_ index: Int) {
    let (mark, offset, text) = Self.marks[index]
    var head = [UInt8](repeating: 0, count: ForeignFormat.headLength)
    head.replaceSubrange(offset..<offset + mark.count, with: mark)
    #expect(ForeignFormat(head: head, tail: [])?.description == text)
    head[offset] ^= 0x40
    #expect(ForeignFormat(head: head, tail: []) == nil)
  }

  @Test(arguments: [("koly", "an Apple disk image"), ("conectix", "a VHD image")])
  func knownByItsTrailer(_ mark: String, _ text: String) {
    let block = Array(mark.utf8) + [UInt8](repeating: 0, count: 512 - mark.utf8.count)
    let zeros = [UInt8](repeating: 0, count: 512)
    #expect(ForeignFormat(head: zeros, tail: block)?.description == text)
    #expect(ForeignFormat(head: block, tail: zeros) == nil)
  }

  @Test func shortFilesAreNoneOfThem() {
    #expect(ForeignFormat(head: [], tail: []) == nil)
    #expect(ForeignFormat(head: [0x1f], tail: [0x1f]) == nil)
  }
}

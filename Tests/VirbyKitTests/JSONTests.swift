import Testing

@testable import VirbyKit

@Suite struct JSONTests {
  private struct Disk: Codable, Equatable {
    let path: String
    let bytes: Int64
    let note: String?
  }

  private let disk = Disk(path: "/a/ü \"b\"", bytes: 1 << 40, note: nil)

  @Test func oneLineWithKeysInOrderAndPlainSlashes() throws {
    let bytes = try JSON.encode(disk)
    #expect(
      String(decoding: bytes, as: UTF8.self) == #"{"bytes":1099511627776,"path":"/a/ü \"b\""}"#)
  }

  @Test func manyLinesForPeople() throws {
    let text = String(decoding: try JSON.encode(disk, pretty: true), as: UTF8.self)
    #expect(text.split(separator: "\n").count == 4)
  }

  @Test func whatIsEncodedIsDecoded() throws {
    #expect(try JSON.decode(Disk.self, from: JSON.encode(disk)) == disk)
    #expect(throws: DecodingError.self) { try JSON.decode(Disk.self, from: "{".utf8) }
  }
}

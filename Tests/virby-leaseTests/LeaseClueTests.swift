import Foundation
import Testing
import VirbyKit

@testable import virby_lease

/// What is found by a clue is what is found by reading all.
@Suite struct LeaseClueTests {
  /// Asks a file for everything that it could be asked for.
  private func expectSameAnswers(_ file: LeaseFile, _ comment: String) {
    let all = file.records
    func expectSame(_ clue: LeaseClue, _ isWanted: (LeaseRecord) -> Bool) {
      let found = file.records(bearing: clue)
      #expect(found.filter(isWanted) == all.filter(isWanted), "\(clue) in \(comment)")
      #expect(found.map(\.position) == found.map(\.position).sorted())
    }
    expectSame(.duid) { $0.hidesMAC }
    let stranger = LeaseRecord(position: 0, address: IPv4Address(1), mac: MACAddress(low48Bits: 1))
    for record in all + [stranger] {
      if let mac = record.mac { expectSame(LeaseQuery.mac(mac).clue) { $0.mac == mac } }
      if let address = record.address {
        expectSame(.text(Array(address.description.utf8))) { $0.address == address }
      }
      if let name = record.name {
        let query = LeaseQuery.name(Array(file[name]))
        expectSame(query.clue) { query.matches($0, in: file) }
      }
    }
  }

  private static let fixtures =
    (try? FileManager.default.contentsOfDirectory(
      atPath: Bundle.module.bundleURL.appending(path: "Fixtures").path)) ?? []

  @Test(arguments: fixtures) func inEachFixture(name: String) throws {
    expectSameAnswers(try fixture(name), name)
  }

  @Test func thereAreFixtures() { #expect(Self.fixtures.count > 30) }

  @Test(arguments: ["{", "}", "{\n", "=", ",", "ip_address", "1,2:94:0:a:1:2", "\u{1}{"])
  func inARecordWithAnOddName(name: String) throws {
    let text = "}\n{\n\tname=\(name)\n\tip_address=192.168.64.5\n\thw_address=1,2:94:0:a:1:2\n}\n"
    let bytes = Array("{\n\tname=x\n\(text)stray 1,2:94:0:a:1:2\n\(text)\(text)".utf8)
    expectSameAnswers(LeaseFile(bytes: bytes), name)
  }

  @Test func inFilesOfPiecesInAnyOrder() {
    var random = SystemRandomNumberGenerator()
    let pieces = [
      "{\n", "}\n", "{\r\n", "}\r\n", "{", "}", "\n", "\r", "\t", ",", ":", "=",
      "\tname=builder\n", "\tname={\n", "\tname=}\n", "\tname=1,2:94:0:a:1:2\n", "\tname=\n",
      "\thw_address=1,2:94:0:a:1:2\n", "\thw_address=01,02:94:00:0A:01:02\r\n",
      "\thw_address=1,2:94:0:a:1:3\n", "\thw_address=ff,0:0:0:0:0:3:0:1:2:94:0:a:1:2\n",
      "\thw_address=ff,1:2\n", "\tidentifier=Ff,1:2\n", "\tidentifier=1,2:94:0:a:1:2\n",
      "identifier=1,2:94:0:a:1:2",
      "\tip_address=192.168.64.5\n", "\tip_address=192.168.64.55\n", "\tlease=0x6b000000\n",
      "\tdeclined=1,2:94:0:a:1:2\n",
    ]
    for _ in 0..<5_000 {
      let text = (0..<Int.random(in: 0...30, using: &random)).map { _ in
        pieces.randomElement(using: &random) ?? ""
      }
      let bytes = Array("{\n\(text.joined())".utf8)
      expectSameAnswers(LeaseFile(bytes: bytes), String(reflecting: text.joined()))
    }
  }
}

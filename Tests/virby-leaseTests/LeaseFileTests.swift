import Testing
import VirbyKit

@testable import virby_lease

@Suite struct LeaseFileTests {
  @Test(arguments: ["", "\n", " \r\n\n"])
  func anEmptyFileHasNoRecords(content: String) {
    let file = LeaseFile(bytes: Array(content.utf8))
    #expect(file.records.isEmpty)
    #expect(!file.isForeign)
  }

  @Test func aFileOfAnotherServerIsForeign() throws {
    let file = try fixture("isc-dhcpd.leases")
    #expect(file.format == nil)
    #expect(file.isForeign)
  }

  @Test func theFirstLineOfAFormatDecides() {
    let line = "1795162752 02:94:00:0a:01:02 192.168.122.5 builder *\n"
    #expect(LeaseFile(bytes: Array("# mine\n\n\(line){\n}\n".utf8)).format == .dnsmasq)
  }

  /// A file that is rewritten in place is read half-written now and then.
  @Test(arguments: [
    "three-guests.leases", "crlf.leases", "dnsmasq.leases", "dnsmasq-with-ipv6.leases",
    "arp-macos.txt", "arp-linux.txt",
  ])
  func halfAFileGivesNoHalfRecord(name: String) throws {
    let bytes = try fixtureBytes(name)
    let whole = LeaseFile(bytes: bytes).records.map { [$0.address?.value, $0.name?.count.u32] }
    for length in bytes.indices {
      let part = LeaseFile(bytes: Array(bytes[..<length])).records
      #expect(
        part.map { [$0.address?.value, $0.name?.count.u32] } == Array(whole.prefix(part.count)))
    }
  }

  @Test func readsAHundredThousandRecords() throws {
    var text = ""
    for number in 0..<100_000 {
      let bytes = (number >> 8 & 255, number & 255)
      let mac = "1,2:0:0:\(hex(number >> 16)):\(hex(bytes.0)):\(hex(bytes.1))"
      text += """
        {
        \tname=guest\(number)
        \tip_address=10.\(number >> 16).\(bytes.0).\(bytes.1)
        \thw_address=\(mac)
        \tidentifier=\(mac)
        \tlease=0x6b000000
        }

        """
    }
    let file = LeaseFile(bytes: Array(text.utf8))
    #expect(file.records.count == 100_000)
    let last = MACAddress(low48Bits: 0x0200_0001_869f)
    #expect(try file.answer(to: .mac(last)) == "10.1.134.159")
    #expect(try file.answer(to: .name(Array("guest70000".utf8))) == "10.1.17.112")
  }

  /// Bytes of no meaning: nothing to find, nothing to fall over.
  @Test func survivesAnyBytes() {
    var random = SystemRandomNumberGenerator()
    let words = [
      "{\n", "}\n", "\tip_address=", "\thw_address=1,", "\tlease=0x", "\n", ":", "1.2.3.4", "duid ",
    ]
    for _ in 0..<2_000 {
      var bytes = Array("{\n".utf8)
      for _ in 0..<20 {
        if Bool.random(using: &random) {
          bytes += (words.randomElement(using: &random) ?? "").utf8
        } else {
          bytes.append(UInt8.random(in: 0...255, using: &random))
        }
      }
      for line in LeaseFile(bytes: bytes).records {
        #expect(line.name.map { $0.upperBound } ?? 0 <= bytes.count)
      }
    }
  }

  private func hex(_ number: Int) -> String { String(number, radix: 16) }
}

extension Int {
  fileprivate var u32: UInt32 { UInt32(self) }
}

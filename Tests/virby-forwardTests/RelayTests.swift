import Testing

@testable import VirbyKit
@testable import virby_forward

/// Everything holds for both ways that bytes can take.
@Suite struct RelayTests {
  @Test(arguments: Way.allCases) func bytesGoBothWaysAndAreCounted(by way: Way) throws {
    let rig = try Rig(way)
    #expect(rig.send([1, 2, 3], from: rig.client) == .moved(3))
    #expect(rig.send([4, 5], from: rig.server) == .moved(2))
    #expect(!rig.turn())
    #expect(rig.receive(rig.server).bytes == [1, 2, 3])
    #expect(rig.receive(rig.client).bytes == [4, 5])
    #expect(rig.relay.inward.count == 3)
    #expect(rig.relay.outward.count == 2)
    #expect(!rig.relay.isOver)
  }

  @Test(arguments: Way.allCases) func muchArrivesInOrder(by way: Way) throws {
    let rig = try Rig(way)
    let sent = (0..<3 << 20).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 7) }
    var rest = sent[...]
    var received: [UInt8] = []
    while received.count < sent.count {
      if !rest.isEmpty, case .moved(let count) = rig.send(Array(rest), from: rig.client) {
        rest = rest.dropFirst(count)
      }
      _ = rig.turn()
      received += rig.receive(rig.server).bytes
    }
    #expect(received == sent)
    #expect(rig.relay.inward.count == UInt64(sent.count))
  }

  @Test(arguments: Way.allCases) func anEndOfTheClientLeavesTheServerTalking(by way: Way) throws {
    let rig = try Rig(way)
    _ = rig.send([1], from: rig.client)
    rig.client.finishWriting()
    _ = rig.turn()
    #expect(rig.receive(rig.server).bytes == [1])
    #expect(rig.receive(rig.server).transfer == .end)
    #expect(rig.send([2], from: rig.server) == .moved(1))
    _ = rig.turn()
    #expect(rig.receive(rig.client).bytes == [2])
    #expect(!rig.relay.isOver)
    rig.server?.finishWriting()
    _ = rig.turn()
    #expect(rig.receive(rig.client).transfer == .end)
    #expect(rig.relay.isOver)
  }

  @Test(arguments: Way.allCases) func anEndOfTheServerLeavesTheClientTalking(by way: Way) throws {
    let rig = try Rig(way)
    rig.server?.finishWriting()
    _ = rig.turn()
    #expect(rig.receive(rig.client).transfer == .end)
    _ = rig.send([7], from: rig.client)
    rig.client.finishWriting()
    _ = rig.turn()
    #expect(rig.receive(rig.server).bytes == [7])
    #expect(rig.receive(rig.server).transfer == .end)
    #expect(rig.relay.isOver)
  }

  @Test(arguments: Way.allCases) func aBlockedReaderStopsTheSender(by way: Way) throws {
    let rig = try Rig(way)
    let sent = rig.stuff()
    // Two socket buffers and what a direction may hold, whatever the system's sizes are.
    #expect(sent < 4 << 20)
    rig.client.finishWriting()
    var received = 0
    while true {
      let (bytes, transfer) = rig.receive(rig.server)
      received += bytes.count
      if transfer == .end { break }
      _ = rig.turn()
    }
    #expect(received == sent)
    #expect(rig.relay.inward.count == UInt64(sent))
  }

  @Test(arguments: Way.allCases) func aPeerThatIsGoneEndsBothLegs(by way: Way) throws {
    let rig = try Rig(way)
    _ = rig.send([1], from: rig.client)
    rig.server = nil
    _ = rig.turn()
    #expect(rig.relay.isOver)
    #expect(rig.relay.inward.state == .broken)
    #expect(rig.relay.inward.count == 0)
    #expect(rig.receive(rig.client).transfer != .blocked)
  }

  @Test(arguments: Way.allCases) func aPeerThatLeavesWithBytesWaitingEndsBothLegs(
    by way: Way
  ) throws {
    let rig = try Rig(way)
    let sent = rig.stuff()
    rig.server = nil
    _ = rig.turn()
    #expect(rig.relay.isOver)
    #expect(rig.relay.inward.count < UInt64(sent))
  }
}

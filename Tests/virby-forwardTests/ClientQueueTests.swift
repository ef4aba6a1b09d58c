import Testing
import VirbyKit

@testable import virby_forward

@Suite struct ClientQueueTests {
  let start = ContinuousClock.now

  func queue(_ count: UInt64) throws -> ClientQueue {
    var queue = ClientQueue()
    for id in 1...count {
      queue.append(
        Connection(id: id, client: try Socket.pair().0, until: start + .seconds(Int64(id))))
    }
    return queue
  }

  @Test func onlyTheFirstTriesWhileTheServerHasNeverAnswered() throws {
    #expect(try queue(5).front.map(\.id) == [1])
  }

  @Test func theNextTriesWhenTheFirstHasLeft() throws {
    var queue = try queue(3)
    let first = queue.clients[0]
    let removed = queue.remove(first)
    let removedAgain = queue.remove(first)
    #expect(removed && !removedAgain)
    #expect(queue.front.map(\.id) == [2])
  }

  @Test func someTryAtOnceWhenTheServerHasAnswered() throws {
    var queue = try queue(20)
    queue.isWarm = true
    #expect(queue.front.map(\.id) == Array(1...8))
  }

  @Test func anEmptyQueueWaitsForNothing() {
    #expect(ClientQueue().deadline == nil)
  }

  @Test func aHeldClientIsDueAtOnce() throws {
    let deadline = try queue(2).deadline
    #expect(deadline.map { $0 <= .now } == true)
  }
}

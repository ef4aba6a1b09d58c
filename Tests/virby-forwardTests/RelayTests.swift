import Testing

@testable import VirbyKit
@testable import virby_forward

/// A relay between two socket pairs: `client` and `server` are the outer ends.
@Suite struct RelayTests {
  let client: Socket
  let server: Socket
  let legs: (client: Leg, server: Leg)
  let relay: Relay
  let scratch = Scratch()

  init() throws {
    let (client, near) = try Socket.pair()
    let (server, far) = try Socket.pair()
    self.client = client
    self.server = server
    legs = (Leg(near, token: 1), Leg(far, token: 2))
    relay = Relay(client: legs.client, server: legs.server)
  }

  /// What an edge-triggered notice says after something has happened to every leg.
  func turn() -> Bool {
    for leg in [legs.client, legs.server] {
      leg.note(.init(token: leg.token, isReadable: true, isWritable: true, isHungUp: false))
    }
    return relay.turn(through: scratch)
  }

  func send(_ bytes: [UInt8], from socket: Socket) -> Socket.Transfer {
    bytes.withUnsafeBytes { socket.send($0) }
  }

  func receive(_ socket: Socket, most: Int = 1 << 20) -> ([UInt8], Socket.Transfer) {
    var bytes = [UInt8](repeating: 0, count: most)
    let transfer = bytes.withUnsafeMutableBytes { socket.receive(into: $0) }
    if case .moved(let count) = transfer { return (Array(bytes[..<count]), transfer) }
    return ([], transfer)
  }

  @Test func bytesGoBothWaysAndAreCounted() {
    #expect(send([1, 2, 3], from: client) == .moved(3))
    #expect(send([4, 5], from: server) == .moved(2))
    #expect(!turn())
    #expect(receive(server).0 == [1, 2, 3])
    #expect(receive(client).0 == [4, 5])
    #expect(relay.inward.count == 3)
    #expect(relay.outward.count == 2)
    #expect(!relay.isOver)
  }

  @Test func anEndOfTheClientLeavesTheServerTalking() {
    _ = send([1], from: client)
    client.finishWriting()
    _ = turn()
    #expect(receive(server).0 == [1])
    #expect(receive(server).1 == .end)
    #expect(send([2], from: server) == .moved(1))
    _ = turn()
    #expect(receive(client).0 == [2])
    #expect(!relay.isOver)
    server.finishWriting()
    _ = turn()
    #expect(receive(client).1 == .end)
    #expect(relay.isOver)
  }

  @Test func anEndOfTheServerLeavesTheClientTalking() {
    server.finishWriting()
    _ = turn()
    #expect(receive(client).1 == .end)
    _ = send([7], from: client)
    client.finishWriting()
    _ = turn()
    #expect(receive(server).0 == [7])
    #expect(receive(server).1 == .end)
    #expect(relay.isOver)
  }

  @Test func aBlockedReaderStopsTheSender() {
    let chunk = [UInt8](repeating: 9, count: 64 << 10)
    var sent = 0
    var blocked = 0
    // Until neither the sender nor the relay gets rid of anything.
    while blocked < 3 {
      if case .moved(let count) = send(chunk, from: client) {
        sent += count
        blocked = 0
      } else {
        blocked += 1
      }
      _ = turn()
    }
    // Two socket buffers and one scratch buffer, whatever the system's sizes are.
    #expect(sent < 4 << 20)
    var received = 0
    client.finishWriting()
    while true {
      let (bytes, transfer) = receive(server)
      received += bytes.count
      if transfer == .end { break }
      _ = turn()
    }
    #expect(received == sent)
    #expect(relay.inward.count == UInt64(sent))
  }

  @Test func aPeerThatIsGoneEndsBothLegs() throws {
    let (client, near) = try Socket.pair()
    var server: Socket?
    let far: Socket
    (server, far) = try Socket.pair() as (Socket?, Socket)
    let nearLeg = Leg(near, token: 1)
    let relay = Relay(client: nearLeg, server: Leg(far, token: 2))
    server = nil
    _ = server
    _ = send([1], from: client)
    nearLeg.note(.init(token: 1, isReadable: true, isWritable: true, isHungUp: false))
    _ = relay.turn(through: scratch)
    #expect(relay.isOver)
    #expect(relay.inward.isBroken)
    #expect(relay.inward.count == 0)
  }
}

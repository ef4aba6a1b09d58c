import Testing

@testable import virby_idle

@Suite struct ConnectionsTests {
  /// What a forwarder tells: `+` opens, `-` closes, then the id, then its count.
  private func told(
    _ text: String, to connections: inout Connections
  ) -> [Connections.Oddity?] {
    text.split(separator: " ").map { word in
      let parts = word.dropFirst().split(separator: "/").map(String.init)
      return word.first == "+"
        ? connections.open(parts[0], active: Int(parts[1]))
        : connections.close(parts[0], active: Int(parts[1]))
    }
  }

  @Test(
    arguments: [
      ("+1/1 +2/2 -1/1 -2/0", [nil, nil, nil, nil], 0),
      // An id may come again when it is closed.
      ("+1/1 -1/0 +1/1", [nil, nil, nil], 1),
      ("+1/1 -2/0", [nil, .closedUnopened], 1),
      ("-1/0 -2/0 -3/0", [.closedUnopened, .closedUnopened, .closedUnopened], 0),
      ("+1/1 +1/2", [nil, .openedTwice], 2),
      ("+1/1 +1/2 -1/1 -1/0", [nil, .openedTwice, nil, nil], 0),
      // An 'open' was lost: what the forwarder says of others holds.
      ("+1/2 -1/1", [.miscounted, .miscounted], 1),
      ("+1/2 -1/1 -2/0", [.miscounted, .miscounted, .closedUnopened], 0),
      // A 'close' was lost.
      ("+1/1 +2/1 -2/0", [nil, .miscounted, .miscounted], 1),
      // No number at all.
      ("+1/x +2/2 -1/x -2/0", [nil, nil, nil, nil], 0),
    ] as [(String, [Connections.Oddity?], Int)])
  func everyMismatchIsSaidAndTheLargerCountHolds(
    text: String, oddities: [Connections.Oddity?], active: Int
  ) {
    var connections = Connections()
    let found = told(text, to: &connections)
    #expect(found == oddities)
    #expect(connections.active == active)
  }

  @Test func severalForwardersMayHaveTheSameIDsAndCountForThemselves() {
    var connections = Connections()
    connections.addForwarder()
    connections.addForwarder()
    let found = told("+1/1 +1/1 +2/2 -1/0 -1/1", to: &connections)
    #expect(found.allSatisfy { $0 == nil })
    #expect(connections.active == 1)
    let last = told("-2/0", to: &connections)
    #expect(last == [nil])
    #expect(connections.active == 0)
  }

  @Test func aCloseThatIsNotCountedStillTellsHowManyAreOpen() {
    var connections = Connections()
    _ = told("-9/3", to: &connections)
    #expect(connections.active == 3)
  }
}

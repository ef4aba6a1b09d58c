import Testing

@testable import virby_keys

@Suite struct RotationTests {
  @Test("the next keys tell the state")
  func states() {
    #expect(Rotation(hasNextUserKey: false, hasNextHostKey: false) == .none)
    #expect(Rotation(hasNextUserKey: true, hasNextHostKey: false) == .beginning)
    #expect(Rotation(hasNextUserKey: true, hasNextHostKey: true) == .underWay)
    #expect(Rotation(hasNextUserKey: false, hasNextHostKey: true) == .finishing)
  }

  @Test("files come and go in an order that visits the states one after the other")
  func order() throws {
    let originals = KeySetFile.allCases.filter(\.isOriginal)
    // A beginning makes the next keys in this order.
    var there: Set<KeySetFile> = []
    var states: [Rotation] = []
    for file in originals where file == .nextUserKey || file == .nextHostKey {
      there.insert(file)
      states.append(state(there))
    }
    // An end moves them over the present ones, in this order.
    for file in originals {
      guard let next = file.successor else { continue }
      there.remove(next)
      states.append(state(there))
    }
    #expect(states == [.beginning, .underWay, .finishing, .none])
  }

  private func state(_ files: Set<KeySetFile>) -> Rotation {
    Rotation(
      hasNextUserKey: files.contains(.nextUserKey), hasNextHostKey: files.contains(.nextHostKey))
  }

  @Test("what was cut short goes on to where it was about to go")
  func aims() {
    #expect(Rotation.allCases.map(\.aim) == [.none, .underWay, .underWay, .none])
  }
}

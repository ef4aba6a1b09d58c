import Testing

@testable import virby_keys

@Suite struct KeySetFileTests {
  @Test("the private keys come first, and what the guest gets comes last")
  func order() {
    let files = KeySetFile.allCases
    #expect(files.filter(\.isOriginal) == Array(files.prefix(4)))
    #expect(files.filter(\.isGuests) == Array(files.suffix(2)))
  }

  @Test("known_hosts changes before the guest's host key")
  func hostKeyIsKnown() throws {
    let files = KeySetFile.allCases
    let known = try #require(files.firstIndex(of: .knownHosts))
    let guests = try #require(files.firstIndex(of: .guestHostKey))
    #expect(known < guests)
  }

  @Test("the guest gets the host's private and the user's public half")
  func guest() {
    #expect(KeySetFile.allCases.filter(\.isGuests) == [.guestUserPublic, .guestHostKey])
  }

  @Test("what has no .pub and is no known_hosts is for its owner alone")
  func modes() {
    for file in KeySetFile.allCases {
      let isPublic = file.rawValue.hasSuffix(".pub") || file == .knownHosts
      #expect(file.mode == (isPublic ? 0o644 : 0o600))
    }
  }

  @Test("a successor and a public half stand beside their key")
  func names() {
    for file in KeySetFile.allCases {
      #expect(file.successor.map(\.rawValue) ?? "\(file.rawValue).next" == "\(file.rawValue).next")
      #expect(file.publicHalf.map(\.rawValue) ?? "\(file.rawValue).pub" == "\(file.rawValue).pub")
      #expect((file.successor != nil) == [.userKey, .hostKey].contains(file))
      #expect((file.publicHalf != nil) == [.userKey, .hostKey].contains(file))
    }
  }
}

import Testing

@testable import virby_keys

@Suite struct KeyFolderTests {
  @Test("knows the Nix store", arguments: ["/nix/store", "/nix/store/x", "/nix/store/x/y"])
  func store(path: String) {
    #expect(KeyFolder.isStorePath(path))
  }

  @Test("knows its neighbours", arguments: ["/nix/stores", "/nix/var", "/mnt/nix/store/x", "/nix"])
  func neighbours(path: String) {
    #expect(!KeyFolder.isStorePath(path))
  }
}

@Suite struct KeySetFileTests {
  @Test("the private keys come first and known_hosts last")
  func order() {
    let files = KeySetFile.allCases
    #expect(files.filter(\.isOriginal) == Array(files.prefix(2)))
    #expect(files.last == .knownHosts)
  }

  @Test("the guest gets the host's private and the user's public half")
  func guest() {
    #expect(KeySetFile.allCases.filter(\.isGuests) == [.guestHostKey, .guestUserPublic])
  }

  @Test("what has no .pub and is no known_hosts is for its owner alone")
  func modes() {
    for file in KeySetFile.allCases {
      let isPublic = file.rawValue.hasSuffix(".pub") || file == .knownHosts
      #expect(file.mode == (isPublic ? 0o644 : 0o600))
    }
  }
}

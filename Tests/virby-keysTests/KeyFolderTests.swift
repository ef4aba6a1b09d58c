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

import Testing

@testable import VirbyKit

@Suite struct AtomicFileCloneTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Whether or not this file system clones, the file in the making stays locked, private and whole.
  @Test func cloneIsWholeOrNothing() throws {
    try folder.write("content", to: "base", mode: 0o444)
    let base = try Descriptor.open(folder["base"])
    var file = try AtomicFile(path: folder["made"], mode: 0o600)
    let cloned = try file.clone(base, sourcePath: "base")
    #expect(folder.read(".made.new") == (cloned ? "content" : ""))
    #expect(folder.mode(".made.new") == 0o600)
    #expect(!folder.has(".made.new.clone"))
    let other = try Descriptor.open(folder[".made.new"])
    #expect(throws: Failure.self) { try FileLock(other, path: "made") }
    try file.commit(replacing: false)
    #expect(folder.read("made") == (cloned ? "content" : ""))
    #expect(folder.mode("made") == 0o600)
    #expect(folder.mode("base") == 0o444)
  }

  @Test func cloneOfWhatIsNoFileFails() throws {
    let pipe = try Descriptor.pipe()
    var file = try AtomicFile(path: folder["made"], mode: 0o600)
    do {
      #expect(try file.clone(pipe.read, sourcePath: "pipe") == false)
    } catch {
      #expect(error.status == .system)
    }
    #expect(folder.read(".made.new") == "")
  }
}

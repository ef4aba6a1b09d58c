import Testing

@testable import VirbyKit

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

@Suite struct AtomicFileTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func put(_ text: String, mode: mode_t = 0o644, replacing: Bool = true) throws {
    let file = try AtomicFile(path: folder["key"], mode: mode)
    #expect(writeAll(Array(text.utf8), to: file.descriptor.raw) == 0)
    try file.commit(replacing: replacing)
  }

  @Test func theFileAppearsWholeAndLeavesNothingElse() throws {
    try put("one")
    #expect(folder.read("key") == "one")
    #expect(!folder.has(".key.new"))
  }

  @Test func replacingPutsTheNewFileInPlaceOfTheOld() throws {
    try put("one")
    try put("two")
    #expect(folder.read("key") == "two")
  }

  @Test func notReplacingLeavesTheOldFileAsItIs() throws {
    try put("one", replacing: false)
    #expect(folder.read("key") == "one")
    let why = "cannot create '\(folder["key"])': \(Failure.reason(EEXIST))"
    #expect(throws: Failure(.system, why)) { try put("two", replacing: false) }
    #expect(folder.read("key") == "one")
    #expect(!folder.has(".key.new"))
  }

  @Test func aFileThatIsNotCommittedLeavesNothing() throws {
    do {
      let file = try AtomicFile(path: folder["key"], mode: 0o600)
      #expect(writeAll([1, 2, 3], to: file.descriptor.raw) == 0)
      #expect(folder.has(".key.new"))
    }
    #expect(!folder.has("key"))
    #expect(!folder.has(".key.new"))
  }

  @Test(arguments: ["", "half a file, much longer than the whole one"])
  func theLeftoverOfAKilledWriterIsHealed(leftover: String) throws {
    try folder.write(leftover, to: ".key.new", mode: 0o600)
    try put("one", mode: 0o600)
    #expect(folder.read("key") == "one")
    #expect(folder.mode("key") == 0o600)
    #expect(!folder.has(".key.new"))
  }

  @Test func aWriterKilledBetweenLinkAndUnlinkCostsNothing() throws {
    try folder.write("", to: "key")
    try #require(link(folder["key"], folder[".key.new"]) == 0)
    do {
      let file = try AtomicFile(path: folder["key"], mode: 0o600)
      #expect(writeAll([1, 2, 3], to: file.descriptor.raw) == 0)
    }
    #expect(folder.read("key") == "")
    #expect(folder.mode("key") == 0o644)
  }

  @Test func aSecondWriterIsToldToTryLater() throws {
    let first = try AtomicFile(path: folder["key"], mode: 0o600)
    #expect(writeAll([1], to: first.descriptor.raw) == 0)
    let why = "'\(folder["key"])' is being created by another process"
    #expect(throws: Failure(.later, why)) { try put("two") }
    try first.commit(replacing: true)
    try put("two")
    #expect(folder.read("key") == "two")
  }

  @Test func manyWritersAtOnceLeaveOneWholeFile() async throws {
    let path = folder["key"]
    await withTaskGroup(of: Void.self) { group in
      for number in 0..<16 {
        group.addTask {
          let text = String(repeating: "\(number % 10)", count: 5000)
          for _ in 0..<10 {
            guard let file = try? AtomicFile(path: path, mode: 0o600) else { continue }
            writeAll(Array(text.utf8), to: file.descriptor.raw)
            try? file.commit(replacing: true)
          }
        }
      }
    }
    let text = try #require(folder.read("key"))
    #expect(text.count == 5000)
    #expect(Set(text).count == 1)
    #expect(!folder.has(".key.new"))
  }

  @Test(arguments: [0o400, 0o600, 0o644, 0o666, 0o777] as [mode_t])
  func thePermissionsAreTheOnesAskedForWhateverTheUmask(mode: mode_t) throws {
    try put("one", mode: mode)
    #expect(folder.mode("key") == mode)
  }

  @Test func aFileInTheMakingIsForItsOwnerAlone() throws {
    let file = try AtomicFile(path: folder["key"], mode: 0o666)
    #expect(try #require(folder.mode(".key.new")) & 0o077 == 0)
    _ = file
  }

  @Test func aSymbolicLinkInTheWayIsNotFollowed() throws {
    try folder.write("precious", to: "other")
    try #require(symlink("other", folder[".key.new"]) == 0)
    let why = "cannot create '\(folder["key"])': \(Failure.reason(ELOOP))"
    #expect(throws: Failure(.system, why)) { try put("one") }
    #expect(folder.read("other") == "precious")
  }

  @Test func theLeftoversOfACheckAreHealed() throws {
    try folder.write("", to: ".key.new.one")
    try folder.write("", to: ".key.new.two")
    let file = try AtomicFile(path: folder["key"], mode: 0o600)
    try file.checkThatItNeedNotReplace()
    #expect(!folder.has(".key.new.one"))
    #expect(!folder.has(".key.new.two"))
    try file.commit(replacing: false)
    #expect(folder.has("key"))
  }

  @Test func onlyACallThatIsNotThereHasASubstitute() {
    for code in [ENOTSUP, EOPNOTSUPP, ENOTTY, EINVAL] { #expect(isUnsupported(code)) }
    for code in [EIO, ENOSPC, EDQUOT, EPERM, EACCES, EROFS, EBADF, EINTR] {
      #expect(!isUnsupported(code))
    }
  }

  @Test func aFolderThatIsNotThereFails() throws {
    let path = folder["no/key"]
    let why = "cannot create '\(path)': \(Failure.reason(ENOENT))"
    #expect(throws: Failure(.system, why)) { _ = try AtomicFile(path: path, mode: 0o600) }
  }

  @Test(arguments: [
    ("key", ".", "key"), ("/key", "/", "key"), ("a/key", "a", "key"), ("/a/b/key", "/a/b", "key"),
    ("a/b/\u{301}key", "a/b", "\u{301}key"), ("/\u{200D}", "/", "\u{200D}"),
  ])
  func aPathIsAFolderAndAName(path: String, folder: String, name: String) {
    #expect(Path.split(path).folder == folder)
    #expect(Path.split(path).name == name)
  }
}

import Testing
import VirbyKit

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

@Suite struct DescriptorExistingTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try folder.write("text", to: "file")
    #expect(symlink(folder["file"], folder["link"]) == 0)
  }

  @Test func aLinkIsFollowedUnlessItMustNotBe() throws {
    let file = try Descriptor.openExisting(folder["link"])
    #expect(file?.identity == Path.identity(folder["file"]))
    let failure = #expect(throws: Failure.self) {
      try Descriptor.openExisting(folder["link"], following: false)
    }
    #expect(failure == .system("cannot open '\(folder["link"])'", ELOOP))
    #expect(try Descriptor.openExisting(folder["file"], following: false) != nil)
  }

  @Test func whatIsNotThereIsNoFailure() throws {
    #expect(try Descriptor.openExisting(folder["other"], following: false) == nil)
    #expect(try Descriptor.openExisting("\(folder.path)/nowhere/file") == nil)
  }
}

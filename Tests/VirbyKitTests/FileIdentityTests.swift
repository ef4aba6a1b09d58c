import Testing

@testable import VirbyKit

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

@Suite struct FileIdentityTests {
  @Test func everyNameOfAFileIsTheSameFile() throws {
    let folder = try TemporaryFolder()
    try folder.write("", to: "one")
    try folder.write("", to: "other")
    try #require(link(folder["one"], folder["hard"]) == 0)
    try #require(symlink("one", folder["soft"]) == 0)
    let one = try #require(Path.identity(folder["one"]))
    for name in ["hard", "soft", "../\(Path.split(folder.path).name)/one"] {
      #expect(Path.identity(folder[name]) == one)
    }
    #expect(Path.identity(folder["other"]) != one)
    #expect(Path.identity(folder["nothing"]) == nil)
    #expect(try Descriptor.open(folder["hard"], O_RDONLY).identity == one)
    #expect(Descriptor(owning: -1).identity == nil)
  }
}

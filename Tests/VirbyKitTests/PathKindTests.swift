import Testing

@testable import VirbyKit

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

@Suite struct PathKindTests {
  @Test func aLinkIsALinkWhereverItLeads() throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/name"
    #expect(Path.kind(path) == nil)
    _ = try Descriptor.openPrivateFile(path)
    #expect(Path.kind(path) == .file)
    for target in [path, "/nowhere"] {
      let link = "\(folder.path)/link"
      #expect(symlink(target, link) == 0)
      #expect(Path.kind(link) == .link)
      #expect(Path.remove(link) == 0)
    }
  }

  @Test func devicesAndFoldersAreNoFiles() {
    #expect(Path.kind("/dev/null") == .device)
    #expect(Path.kind("/") == .folder)
  }

  @Test func whatIsNotThereIsRemoved() {
    #expect(Path.remove("/nowhere/file") == 0)
    #expect(Path.remove("/") != 0)
  }

  @Test func aPrivateFileIsPrivateAgain() throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/log"
    _ = try Descriptor.openPrivateFile(path)
    #expect(chmod(path, 0o644) == 0)
    _ = try Descriptor.openPrivateFile(path)
    var status = stat()
    #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o600)
  }
}

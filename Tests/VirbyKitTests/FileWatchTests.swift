import Testing

@testable import VirbyKit

@Suite struct FileWatchTests {
  @Test func tellsOfEachWriteOnceItHasBeenTaken() throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/log"
    let file = try Descriptor.openPrivateFile(path)
    let watch = try FileWatch(path: path)
    #expect(try poll([watch.watch], until: .now) == [false])
    for _ in 0..<2 {
      writeAll(Array("line\n".utf8), to: file.raw)
      writeAll(Array("line\n".utf8), to: file.raw)
      #expect(try poll([watch.watch], until: .now + .seconds(5)) == [true])
      watch.take()
      #expect(try poll([watch.watch], until: .now) == [false])
    }
  }

  @Test func anotherFileInTheFolderIsNotItsConcern() throws {
    let folder = try TemporaryFolder()
    _ = try Descriptor.openPrivateFile("\(folder.path)/log")
    let watch = try FileWatch(path: "\(folder.path)/log")
    let other = try Descriptor.openPrivateFile("\(folder.path)/other")
    writeAll(Array("line\n".utf8), to: other.raw)
    #expect(try poll([watch.watch], until: .now) == [false])
  }

  @Test func aFileMustBeThere() {
    let failure = #expect(throws: Failure.self) { try FileWatch(path: "/nowhere/log") }
    #expect(failure?.status == .system)
  }
}

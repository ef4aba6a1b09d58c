import Foundation
import Testing
import VirbyKit

@testable import virby_boot

@Suite final class FileWatchTests {
  private let folder = NSTemporaryDirectory() + "file-watch-\(UUID().uuidString)"

  init() throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  @Test func tellsOfEachWriteOnceItHasBeenTaken() throws {
    let file = try Descriptor.openPrivateFile("\(folder)/log")
    let watch = try FileWatch(path: "\(folder)/log")
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
    _ = try Descriptor.openPrivateFile("\(folder)/log")
    let watch = try FileWatch(path: "\(folder)/log")
    let other = try Descriptor.openPrivateFile("\(folder)/other")
    writeAll(Array("line\n".utf8), to: other.raw)
    #expect(try poll([watch.watch], until: .now) == [false])
  }

  @Test func aFileMustBeThere() {
    let failure = #expect(throws: Failure.self) { try FileWatch(path: "/nowhere/log") }
    #expect(failure?.status == .system)
  }
}

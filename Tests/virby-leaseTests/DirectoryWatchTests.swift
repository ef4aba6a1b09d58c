import Foundation
import Testing
import VirbyKit

@testable import virby_lease

@Suite struct DirectoryWatchTests {
  private let folder = NSTemporaryDirectory() + "watch-\(UUID().uuidString)"

  /// Whether a change is reported within the time.
  private func isReported(by watch: DirectoryWatch, within limit: Duration = .seconds(10)) throws
    -> Bool
  {
    let deadline = ContinuousClock.now + limit
    while deadline > .now {
      if try poll([watch.watch], until: deadline)[0], try watch.renew() { return true }
    }
    return false
  }

  private func write(_ text: String, to path: String) throws {
    try text.write(toFile: path, atomically: false, encoding: .utf8)
  }

  private func inFolder(_ body: () throws -> Void) throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try body()
  }

  @Test func reportsAFileThatComes() throws {
    try inFolder {
      let watch = try DirectoryWatch(path: "\(folder)/leases")
      try write("x", to: "\(folder)/leases")
      #expect(try isReported(by: watch))
    }
  }

  @Test func reportsAFileThatIsReplaced() throws {
    try inFolder {
      try write("old", to: "\(folder)/leases")
      let watch = try DirectoryWatch(path: "\(folder)/leases")
      for text in ["new", "newer"] {
        try write(text, to: "\(folder)/leases-")
        #expect(rename("\(folder)/leases-", "\(folder)/leases") == 0)
        #expect(try isReported(by: watch))
      }
    }
  }

  @Test func reportsAFileThatIsRewritten() throws {
    try inFolder {
      try write("old", to: "\(folder)/leases")
      let watch = try DirectoryWatch(path: "\(folder)/leases")
      let file = try #require(FileHandle(forWritingAtPath: "\(folder)/leases"))
      try file.write(contentsOf: Data("new".utf8))
      try file.close()
      #expect(try isReported(by: watch))
    }
  }

  @Test func reportsAFileInAFolderThatComes() throws {
    try inFolder {
      let inner = "\(folder)/a/b"
      let watch = try DirectoryWatch(path: "\(inner)/leases")
      try FileManager.default.createDirectory(atPath: inner, withIntermediateDirectories: true)
      #expect(try isReported(by: watch))
      try write("x", to: "\(inner)/leases")
      #expect(try isReported(by: watch))
    }
  }

  @Test func reportsAFileInAFolderThatIsReplaced() throws {
    try inFolder {
      let inner = "\(folder)/inner"
      try FileManager.default.createDirectory(atPath: inner, withIntermediateDirectories: true)
      let watch = try DirectoryWatch(path: "\(inner)/leases")
      try FileManager.default.moveItem(atPath: inner, toPath: "\(folder)/gone")
      try FileManager.default.createDirectory(atPath: inner, withIntermediateDirectories: true)
      _ = try watch.renew()
      try write("x", to: "\(inner)/leases")
      #expect(try isReported(by: watch))
    }
  }

  #if !(canImport(Darwin) || KQUEUE)
    @Test func aNeighboursChangeIsNoConcern() throws {
      try inFolder {
        let watch = try DirectoryWatch(path: "\(folder)/leases")
        try write("x", to: "\(folder)/leases-")
        #expect(try !isReported(by: watch, within: .milliseconds(100)))
      }
    }
  #endif
}

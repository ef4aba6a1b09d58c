import Testing

@testable import VirbyKit

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

@Suite struct FileLockTests {
  private let folder: TemporaryFolder
  private let path: String
  private let held: Failure

  init() throws {
    folder = try TemporaryFolder()
    path = folder["disk.img"]
    held = Failure(.later, "'\(path)' is in use by another process")
  }

  private func lock(until deadline: ContinuousClock.Instant = .now) throws -> FileLock {
    let file = try Descriptor.open(path, O_RDWR | O_CREAT, mode: 0o600)
    return try FileLock(file, path: path, until: deadline)
  }

  @Test func aSecondHolderIsRefusedWhileThereIsAFirst() throws {
    var first: FileLock? = try lock()
    #expect(throws: held) { try lock() }
    _ = first
    first = nil
    _ = try lock(until: soon)
  }

  @Test func aWaiterIsRefusedAfterItsDeadlineAndNotBefore() throws {
    let first = try lock()
    let start = ContinuousClock.now
    #expect(throws: held) { try lock(until: start + .milliseconds(250)) }
    #expect(.now - start >= .milliseconds(250))
    _ = first
  }

  @Test func aChildThatInheritsTheDescriptorHoldsTheLockAndAWaiterGetsItAfterwards() throws {
    var first: FileLock? = try lock()
    let pipe = try Descriptor.pipe()
    let child = try Child.spawn(
      ["sh", "-c", "read line <&8"], inheriting: [8: pipe.read, 9: try #require(first).descriptor])
    first = nil
    #expect(throws: held) { try lock() }
    #expect(writeAll([UInt8(ascii: "\n")], to: pipe.write.raw) == 0)
    _ = try lock(until: soon)
    #expect(try child.end(within: .seconds(60)) == .exited(0))
  }

  @Test func aHolderThatIsKilledLetsGo() throws {
    var first: FileLock? = try lock()
    let child = try Child.spawn(
      ["sleep", "1000"], inheriting: [9: try #require(first).descriptor])
    first = nil
    #expect(throws: held) { try lock() }
    child.send(.kill)
    #expect(try child.end(within: .seconds(60)) == .signalled(SIGKILL))
    _ = try lock(until: soon)
  }

  @Test func whatCannotBeLockedFails() throws {
    #expect(throws: Failure(.system, "cannot lock 'gone': \(Failure.reason(EBADF))")) {
      try FileLock(Descriptor(owning: -1), path: "gone")
    }
  }
}

import Testing

@testable import VirbyKit

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

@Suite struct DiskLockTests {
  private let folder: TemporaryFolder
  private let disk: String

  init() throws {
    folder = try TemporaryFolder()
    disk = folder["disk"]
    try folder.write("disk", to: "disk")
  }

  private func lock(until deadline: ContinuousClock.Instant = .now) throws(Failure) -> DiskLock {
    try DiskLock(of: disk, named: "disk", until: deadline)
  }

  private func held(by holder: String) -> Failure {
    Failure(.later, "'disk' is in use by \(holder)", hint: "find it with: lsof disk.lock")
  }

  @Test func theProcessIdIsAllThatStandsInIt() throws {
    try folder.write("4294967296 and much more than that\n", to: "disk.lock")
    let lock = try lock()
    #expect(folder.read("disk.lock") == "\(getpid())\n")
    #expect(folder.mode("disk.lock") == 0o600)
    let ours = Failure(
      .later, "'disk' is in use by process \(getpid())",
      hint: "power its guest off with: kill \(getpid())")
    #expect(throws: ours) { try self.lock() }
    #expect(throws: ours) { try DiskLock.check(disk, named: "disk") }
    withExtendedLifetime(lock) {}
  }

  @Test(arguments: ["", "\n", "12", "-1\n", "0\n", "1 2\n", "99999999999\n", "\u{661}\n"])
  func whatIsNoProcessIdNamesNobody(text: String) throws {
    let lock = try lock()
    try folder.write(text, to: "disk.lock")
    #expect(throws: held(by: "another process")) { try self.lock() }
    withExtendedLifetime(lock) {}
  }

  @Test func aProcessThatHasEndedIsNotNamed() throws {
    let lock = try lock()
    let child = try Child.spawn(["true"])
    #expect(try child.end(within: .seconds(60)) == .exited(0))
    try folder.write("\(child.pid)\n", to: "disk.lock")
    #expect(throws: held(by: "another process")) { try self.lock() }
    withExtendedLifetime(lock) {}
  }

  @Test func aLockThatIsFreeIsNotMade() throws {
    try DiskLock.check(disk, named: "disk")
    #expect(!folder.has("disk.lock"))
    _ = try lock()
    #expect(folder.has("disk.lock"))
    // A child that another test starts at this moment has the lock too until its exec.
    _ = try lock(until: soon)
    #expect(folder.has("disk.lock"))
  }

  @Test func theDiskItselfIsLockedOnlyWhenItIsOpened() throws {
    let lock = try lock()
    _ = try FileLock(Descriptor.open(disk, O_RDWR), path: disk)
    let file = try lock.openDisk(until: soon)
    #expect(throws: Failure.self) { try FileLock(Descriptor.open(disk, O_RDWR), path: disk) }
    withExtendedLifetime(file) {}
  }

  @Test(arguments: [true, false])
  func aDiskThatAnotherHasLockedIsRefused(isFlock: Bool) throws {
    let lock = try lock()
    let script =
      isFlock
      ? "import fcntl; fcntl.flock(f, fcntl.LOCK_EX)"
      : "import fcntl; fcntl.lockf(f, fcntl.LOCK_SH, 1, 100)"
    let pipe = try Descriptor.pipe()
    let ready = try Descriptor.pipe()
    let child = try Child.spawn(
      ["python3", "-c", "f = open('\(disk)', 'r+'); \(script); print(flush=True); input()"],
      input: pipe.read, output: ready.write)
    var byte: UInt8 = 0
    #expect(read(ready.read.raw, &byte, 1) == 1)
    let why = Failure(
      .later, "'disk' is locked by another program, perhaps a VM that outlived its driver",
      hint: "find it with: lsof disk")
    #expect(throws: why) { try lock.openDisk() }
    #expect(throws: why) { try lock.openDisk(writing: false, until: .now + .milliseconds(150)) }
    #expect(writeAll([UInt8(ascii: "\n")], to: pipe.write.raw) == 0)
    #expect(try child.end(within: .seconds(60)) == .exited(0))
    _ = try lock.openDisk(until: soon)
  }
}

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// The right to use a disk, which one program has at a time: a flock(2) on `DISK.lock` beside it.
///
/// Not on the disk: Virtualization.framework locks that itself, and starts no machine if another has
/// done so. The lock file is never removed, for a waiter would be left with the lock of a file that
/// has no name. In it stands the process id of who took the lock last, a decimal number and a line feed,
/// to be believed only while the lock is held.
public struct DiskLock: Sendable {
  /// The lock file; a child that inherits it holds the lock too.
  public let descriptor: Descriptor
  private let disk: String
  private let name: String

  /// Takes the lock.
  ///
  /// - Parameters:
  ///   - disk: The real path of the disk, which need not exist.
  ///   - name: What messages call the disk.
  ///   - deadline: When to give up.
  /// - Throws: 75 if another process holds the lock, 71 if it cannot be had at all.
  public init(
    of disk: String, named name: String, until deadline: ContinuousClock.Instant = .now
  ) throws(Failure) {
    self.disk = disk
    self.name = name
    let path = "\(disk).lock"
    let action = "cannot lock '\(name)' with '\(path)'"
    descriptor = try FileLock.open(
      // Who only asks for the holder has it for a moment.
      path, O_RDWR | O_CREAT | O_NOFOLLOW, mode: 0o600,
      until: max(deadline, .now + .milliseconds(100)), orFail: action,
      hint: "the lock is a file beside the disk, so the folder must be writable"
    ) { Self.inUse(name, by: Self.holder($0)) }.descriptor
    guard descriptor.isRegularFile, descriptor.hasOneName else {
      throw Failure(.system, "\(action): it is not a regular file with a single link")
    }
    try protect(orFail: action)
    sign()
  }

  /// Opens the disk itself and locks it too.
  ///
  /// So a driver is seen that has the disk without the lock, because what started it was killed or was
  /// not virby-boot: Virtualization.framework locks disks with flock(2), QEMU with fcntl(2). Let go of it
  /// before a driver is started.
  ///
  /// - Parameters:
  ///   - isWritten: Whether it is opened for writing too.
  ///   - deadline: When to give up.
  /// - Throws: 75 if another has locked it, 71 if it cannot be opened or locked.
  public func openDisk(
    writing isWritten: Bool = true, until deadline: ContinuousClock.Instant = .now
  ) throws(Failure) -> FileLock {
    let held = Failure(
      .later, "'\(name)' is locked by another program, perhaps a VM that outlived its driver",
      hint: "find it with: lsof \(shellQuoted(name))")
    while true {
      let lock = try FileLock.open(
        disk, isWritten ? O_RDWR : O_RDONLY, until: deadline, orFail: "cannot open '\(name)'"
      ) { _ in held }
      if !lock.descriptor.hasRecordLock { return lock }
      if deadline <= .now { throw held }
      _ = try poll([], until: min(deadline, .now + .milliseconds(100)))
    }
  }

  /// Refuses a disk whose lock is held, and takes and makes nothing.
  ///
  /// - Parameters: As of `init`.
  /// - Throws: 75 if another process holds the lock, 71 if that cannot be found out.
  public static func check(_ disk: String, named name: String) throws(Failure) {
    if let holder = try holder(of: disk) { throw inUse(name, by: holder) }
  }

  /// Mode 0600, whoever made it. What root makes beside another's disk is that other's, who could not
  /// start a machine from it otherwise.
  private func protect(orFail action: String) throws(Failure) {
    var status = stat()
    if geteuid() == 0, stat(disk, &status) == 0,
      fchown(descriptor.raw, status.st_uid, status.st_gid) != 0
    {
      throw .system(action)
    }
    if fchmod(descriptor.raw, 0o600) != 0 { throw .system(action) }
  }

  /// Writes the process id over the one that stands there. If the file system is full there is none; that
  /// costs the next one the number, and must not cost this one the lock.
  private func sign() {
    let line = Array("\(getpid())\n".utf8)
    let written = line.withUnsafeBytes { pwrite(descriptor.raw, $0.baseAddress, $0.count, 0) }
    ftruncate(descriptor.raw, off_t(max(0, written)))
  }

  private static func inUse(_ name: String, by holder: Holder) -> Failure {
    let hint =
      if case .process(let pid) = holder { "power its guest off with: kill \(pid)" } else {
        "find it with: lsof \(shellQuoted("\(name).lock"))"
      }
    return Failure(.later, "'\(name)' is in use by \(holder)", hint: hint)
  }
}

extension Descriptor {
  /// Whether the file has one name, so that nothing else is changed with it.
  fileprivate var hasOneName: Bool {
    var status = stat()
    return fstat(raw, &status) == 0 && status.st_nlink == 1
  }

  /// Whether another process has locked a part of the file, by F_GETLK of fcntl(2), which locks nothing.
  fileprivate var hasRecordLock: Bool {
    var lock = flock()
    lock.l_type = Int16(F_WRLCK)
    lock.l_whence = Int16(SEEK_SET)
    return fcntl(raw, F_GETLK, &lock) == 0 && lock.l_type != Int16(F_UNLCK)
  }
}

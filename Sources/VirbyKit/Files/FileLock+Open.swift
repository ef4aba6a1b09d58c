#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

extension FileLock {
  /// Opens and locks the file that bears a name.
  ///
  /// Between open(2) and flock(2) the name may pass to another file, and the lock on the old one would
  /// guard nothing; then it starts again with the new one.
  ///
  /// - Parameters:
  ///   - path: The file; a symbolic link is followed.
  ///   - flags: For open(2), `O_RDWR` and the like.
  ///   - deadline: When to give up.
  /// - Throws: 75 if another process holds the lock, 71 if the file cannot be opened or locked.
  public static func open(
    _ path: String, _ flags: Int32 = O_RDWR, until deadline: ContinuousClock.Instant = .now
  ) throws(Failure) -> FileLock {
    while true {
      let lock = try FileLock(try Descriptor.open(path, flags), path: path, until: deadline)
      var mine = stat()
      var named = stat()
      if fstat(lock.descriptor.raw, &mine) != 0 { throw .system("cannot open '\(path)'") }
      if stat(path, &named) != 0 { throw .system("cannot open '\(path)'") }
      if mine.st_ino == named.st_ino && mine.st_dev == named.st_dev { return lock }
    }
  }
}

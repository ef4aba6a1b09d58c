import CVirby

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

extension AtomicFile {
  /// Makes the file in the making a clone of another file: the same blocks, shared until written.
  ///
  /// Linux: ioctl_ficlone(2). macOS: fclonefileat(2), which makes a new file of its own; that one
  /// takes the temporary name while the lock on the old one is still held.
  ///
  /// - Parameters:
  ///   - source: Any regular file, open for reading.
  ///   - sourcePath: Its name for messages.
  /// - Returns: false if this file system, or this pair of them, cannot clone; nothing has been done then.
  /// - Throws: 71 if it can and failed.
  public mutating func clone(_ source: Descriptor, sourcePath: String) throws(Failure) -> Bool {
    let action = "cannot clone '\(sourcePath)' to '\(path)'"
    #if canImport(Darwin)
      let clonePath = temporaryPath + ".clone"
      unlink(clonePath)
      let code = fclonefileat(source.raw, AT_FDCWD, clonePath, UInt32(CLONE_NOOWNERCOPY))
      if code != 0 {
        if [ENOTSUP, EOPNOTSUPP, EXDEV].contains(errno) { return false }
        throw .system(action)
      }
      var moved = false
      defer { if !moved { unlink(clonePath) } }
      // The clone of a read-only or locked file is read-only or locked.
      if chflags(clonePath, 0) != 0 || chmod(clonePath, 0o600) != 0 { throw .system(action) }
      let clone = try Descriptor.open(clonePath, O_RDWR | O_NOFOLLOW)
      if flock(clone.raw, LOCK_EX | LOCK_NB) != 0 { throw .system(action) }
      if rename(clonePath, temporaryPath) != 0 { throw .system(action) }
      moved = true
      descriptor = clone
      return true
    #else
      if cvirby_ioctl_ficlone(descriptor.raw, source.raw) == 0 { return true }
      // EINVAL and ENOTTY are how file systems without the call may say so.
      if [ENOTSUP, EOPNOTSUPP, EXDEV, ENOTTY, EINVAL].contains(errno) { return false }
      throw .system(action)
    #endif
  }
}

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// A file that appears under its name complete, or not at all.
///
/// It is written as `.NAME.new` in the same folder, which only its owner can open, and renamed when it
/// is safely on the disk. The writer holds a lock on it, so that the next one can tell a file in the
/// making from one whose writer was killed, and removes the latter.
public struct AtomicFile: ~Copyable {
  /// The name that the file will have.
  public let path: String
  /// The file in the making, open for reading and writing.
  public internal(set) var descriptor: Descriptor
  let temporaryPath: String
  private let mode: mode_t
  private var committed = false

  /// Makes the temporary file, locked.
  ///
  /// - Parameter mode: The permissions that the file will have, whatever the umask.
  /// - Throws: 75 if another process is making the same file, 71 if it cannot be made.
  public init(path: String, mode: mode_t) throws(Failure) {
    self.path = path
    let (folder, name) = Path.split(path)
    temporaryPath = "\(folder)/.\(name).new"
    self.mode = mode
    descriptor = try Self.make(temporaryPath, for: path)
  }

  deinit { if !committed { unlink(temporaryPath) } }

  /// Puts the file under its name: fchmod(2), fsync(2), rename(2), and fsync(2) of the folder.
  ///
  /// - Parameter replacing: false refuses if the name is taken meanwhile.
  /// - Throws: 71; the old file, if any, is then untouched.
  public consuming func commit(replacing: Bool) throws(Failure) {
    if fchmod(descriptor.raw, mode) != 0 { throw .system("cannot create '\(path)'") }
    try synchronize(descriptor, path: temporaryPath)
    // link(2) is the rename that never replaces, on both systems.
    let code = replacing ? rename(temporaryPath, path) : link(temporaryPath, path)
    if code != 0 { throw .system("cannot create '\(path)'") }
    if !replacing { unlink(temporaryPath) }
    committed = true
    try synchronizeFolder(of: path)
  }

  private static func make(
    _ temporaryPath: String, for path: String
  ) throws(Failure) -> Descriptor {
    while true {
      let raw = open(temporaryPath, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
      if raw < 0 { throw .system("cannot create '\(path)'") }
      let descriptor = Descriptor(owning: raw)
      if flock(raw, LOCK_EX | LOCK_NB) != 0 {
        guard errno == EWOULDBLOCK else { throw .system("cannot lock '\(temporaryPath)'") }
        let holder = FileLock.holder(of: descriptor)
        throw Failure(.later, "'\(path)' is being created by \(holder)")
      }
      // The name may have moved on to another file between open and flock.
      var mine = stat()
      var named = stat()
      guard fstat(raw, &mine) == 0, lstat(temporaryPath, &named) == 0, mine.st_ino == named.st_ino
      else { continue }
      if mine.st_size == 0 && mine.st_nlink == 1 { return descriptor }
      // Locked by nobody, and not new: its writer was killed, perhaps just after link(2).
      unlink(temporaryPath)
    }
  }
}

import CVirby

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
    let code =
      replacing ? rename(temporaryPath, path) : Self.renameWithoutReplacing(temporaryPath, path)
    if code != 0 { throw .system("cannot create '\(path)'") }
    committed = true
    try synchronizeFolder(of: path)
  }

  /// Refuses a file system on which `commit(replacing: false)` would fail, before there is much to lose.
  ///
  /// FAT and exFAT have no link(2), and nothing but an attempt shows whether they can rename(2) a file without
  /// replacing another.
  ///
  /// - Throws: 71.
  public func checkThatItNeedNotReplace() throws(Failure) {
    let (one, other) = ("\(temporaryPath).one", "\(temporaryPath).two")
    // Left by a writer that was killed.
    unlink(one)
    unlink(other)
    defer {
      unlink(one)
      unlink(other)
    }
    let action = "cannot create '\(path)'"
    _ = try Descriptor.open(one, O_RDWR | O_CREAT | O_EXCL, mode: 0o600, orFail: action)
    if Self.renameWithoutReplacing(one, other) == 0 { return }
    throw .system(
      action,
      hint: "its file system has neither hard links nor a rename that never replaces; use another"
    )
  }

  /// By link(2), or where the file system has no links by renameat2(2), on macOS renamex_np(2).
  ///
  /// - Returns: 0, or -1 with `errno`.
  private static func renameWithoutReplacing(_ old: String, _ new: String) -> Int32 {
    if link(old, new) == 0 {
      unlink(old)
      return 0
    }
    // What link(2) says on FAT: Linux EPERM, macOS ENOTSUP.
    guard errno == EPERM || isUnsupported(errno) else { return -1 }
    return cvirby_rename_exclusively(old, new)
  }

  private static func make(
    _ temporaryPath: String, for path: String
  ) throws(Failure) -> Descriptor {
    while true {
      let file = try FileLock.open(
        temporaryPath, O_RDWR | O_CREAT | O_NOFOLLOW, mode: 0o600,
        orFail: "cannot create '\(path)'"
      ) { _ in Failure(.later, "'\(path)' is being created by another process") }.descriptor
      var status = stat()
      if fstat(file.raw, &status) != 0 { throw .system("cannot create '\(path)'") }
      if status.st_size == 0 && status.st_nlink == 1 { return file }
      // Locked by nobody, and not new: its writer was killed, perhaps just after link(2).
      unlink(temporaryPath)
    }
  }
}

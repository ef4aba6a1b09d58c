#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// A file that appears under its name complete, or not at all.
///
/// It is written as `.NAME.new` in the same folder and renamed when it is safely on the disk. The
/// writer holds a lock on it, so that the next one can tell a file in the making from one whose writer
/// was killed, and removes the latter.
public struct AtomicFile: ~Copyable {
  /// The name that the file will have.
  public let path: String
  /// The file in the making, open for reading and writing.
  public let descriptor: Descriptor
  private let temporaryPath: String
  private var committed = false

  /// Makes the temporary file, locked, with its final permissions.
  ///
  /// - Throws: 75 if another process is making the same file, 71 if it cannot be made.
  public init(path: String, mode: mode_t) throws(Failure) {
    self.path = path
    let (folder, name) = Self.split(path)
    temporaryPath = "\(folder)/.\(name).new"
    descriptor = try Self.make(temporaryPath, for: path, mode: mode)
  }

  deinit { if !committed { unlink(temporaryPath) } }

  /// Puts the file under its name: fsync(2), rename(2), and fsync(2) of the folder.
  ///
  /// - Parameter replacing: false refuses if the name is taken meanwhile.
  /// - Throws: 71; the old file, if any, is then untouched.
  public consuming func commit(replacing: Bool) throws(Failure) {
    try synchronize(descriptor, path: temporaryPath)
    // link(2) is the rename that never replaces, on both systems.
    let code = replacing ? rename(temporaryPath, path) : link(temporaryPath, path)
    if code != 0 { throw .system("cannot create '\(path)'") }
    if !replacing { unlink(temporaryPath) }
    committed = true
    try synchronizeFolder(of: path)
  }

  private static func make(
    _ temporaryPath: String, for path: String, mode: mode_t
  ) throws(Failure) -> Descriptor {
    while true {
      let flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC
      let raw = open(temporaryPath, flags, mode)
      if raw < 0 { throw .system("cannot create '\(path)'") }
      let descriptor = Descriptor(owning: raw)
      guard flock(raw, LOCK_EX | LOCK_NB) == 0 else {
        throw Failure(.later, "'\(path)' is being created by another process")
      }
      // The name may have moved on to another file between open and flock.
      var mine = stat()
      var named = stat()
      guard fstat(raw, &mine) == 0, lstat(temporaryPath, &named) == 0, mine.st_ino == named.st_ino
      else { continue }
      if mine.st_size == 0 {
        if fchmod(raw, mode) != 0 { throw .system("cannot create '\(path)'") }
        return descriptor
      }
      // Locked by nobody and not empty: its writer was killed.
      unlink(temporaryPath)
    }
  }

  /// A path's folder, `.` if it names none, and the name in it.
  public static func split(_ path: String) -> (folder: String, name: String) {
    guard let slash = path.lastIndex(of: "/") else { return (".", path) }
    let folder = slash == path.startIndex ? "/" : String(path[..<slash])
    return (folder, String(path[path.index(after: slash)...]))
  }
}

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// An open folder: what is in it is reached through it, wherever its path leads by now. Names are
/// relative to it; a symbolic link that bears one is not followed.
public final class Folder: Sendable {
  /// Its path as messages call it.
  public let path: String
  /// The open folder.
  public let descriptor: Descriptor

  /// Opens a folder with open(2).
  ///
  /// - Throws: 71 if there is none of that name.
  public init(_ path: String) throws(Failure) {
    self.path = path
    descriptor = try Descriptor.open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
  }

  private init(_ descriptor: Descriptor, path: String) {
    (self.descriptor, self.path) = (descriptor, path)
  }

  /// The names in it, by readdir(3), in no order; `.` and `..` are left out.
  ///
  /// - Throws: 71.
  public func names() throws(Failure) -> [String] {
    // Another open(2), for the place that readdir(3) has come to is the descriptor's.
    guard let again = openOnce(".", O_RDONLY | O_DIRECTORY), let entries = fdopendir(again) else {
      throw .system("cannot read the folder '\(path)'")
    }
    defer { closedir(entries) }
    var names: [String] = []
    while let entry = readdir(entries) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) {
        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names
  }

  /// What bears a name, by fstatat(2).
  ///
  /// - Returns: nil if nothing does.
  /// - Throws: 71.
  public func kind(_ name: String) throws(Failure) -> Path.Kind? {
    var status = stat()
    if fstatat(descriptor.raw, name, &status, AT_SYMLINK_NOFOLLOW) == 0 {
      return Path.Kind(mode: status.st_mode)
    }
    if errno == ENOENT || errno == ENOTDIR { return nil }
    throw .system("cannot examine '\(path)/\(name)'")
  }

  /// Opens a folder in it, with openat(2).
  ///
  /// - Throws: 71, also if something else bears the name.
  public func folder(_ name: String) throws(Failure) -> Folder {
    guard let raw = openOnce(name, O_RDONLY | O_DIRECTORY) else {
      throw .system("cannot open the folder '\(path)/\(name)'")
    }
    return Folder(Descriptor(owning: raw), path: "\(path)/\(name)")
  }

  /// Opens a file in it for reading, with openat(2); the writer of a FIFO is not waited for.
  ///
  /// - Throws: 71, also for a symbolic link.
  public func file(_ name: String) throws(Failure) -> Descriptor {
    guard let raw = openOnce(name, O_RDONLY | O_NONBLOCK) else {
      throw .system("cannot open '\(path)/\(name)'")
    }
    return Descriptor(owning: raw)
  }

  /// Makes a file that was not there, and opens it for writing, with openat(2).
  ///
  /// - Parameters:
  ///   - mode: The permissions that the file gets, less the umask.
  ///   - name: How messages call it.
  /// - Throws: 71.
  public func make(_ file: String, mode: UInt16, name: String) throws(Failure) -> Descriptor {
    guard let raw = openOnce(file, O_WRONLY | O_CREAT | O_EXCL, mode_t(mode)) else {
      throw .system("cannot write '\(name)'")
    }
    return Descriptor(owning: raw)
  }

  /// Makes a folder that was not there, with mode 0700, by mkdirat(2).
  ///
  /// - Returns: 0 or an `errno`.
  public func makeFolder(_ name: String) -> Int32 {
    mkdirat(descriptor.raw, name, 0o700) == 0 ? 0 : errno
  }

  /// Gives a name to what bears another, by renameat(2); a file that bears it is replaced.
  ///
  /// - Returns: 0 or an `errno`.
  public func rename(_ name: String, to other: String) -> Int32 {
    renameat(descriptor.raw, name, descriptor.raw, other) == 0 ? 0 : errno
  }

  /// Takes all rights to a folder from all but its owner, by fchmodat(2).
  ///
  /// - Returns: 0 or an `errno`.
  public func protect(_ name: String) -> Int32 {
    fchmodat(descriptor.raw, name, 0o700, 0) == 0 ? 0 : errno
  }

  /// Removes a file, or a symbolic link and not what it leads to, by unlinkat(2), if it is there.
  ///
  /// - Returns: 0, or the `errno` if it is still there.
  public func remove(_ name: String) -> Int32 { unlink(name, 0) }

  /// Removes an empty folder, by unlinkat(2), if it is there.
  ///
  /// - Returns: 0, or the `errno` if it is still there.
  public func removeFolder(_ name: String) -> Int32 { unlink(name, AT_REMOVEDIR) }

  private func unlink(_ name: String, _ flags: Int32) -> Int32 {
    unlinkat(descriptor.raw, name, flags) == 0 || errno == ENOENT ? 0 : errno
  }

  private func openOnce(_ name: String, _ flags: Int32, _ mode: mode_t = 0) -> Int32? {
    while true {
      let raw = openat(descriptor.raw, name, flags | O_NOFOLLOW | O_CLOEXEC, mode)
      if raw >= 0 { return raw }
      if errno != EINTR { return nil }
    }
  }
}

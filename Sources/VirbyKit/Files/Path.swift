#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// What the file system knows of a path.
public enum Path {
  /// Whether there is a file, by access(2).
  public static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  /// Whether this process may read and write the file, by access(2).
  public static func isUsable(_ path: String) -> Bool { access(path, R_OK | W_OK) == 0 }

  /// Whether there is a folder, by stat(2).
  public static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// The absolute path without symbolic links, by realpath(3).
  ///
  /// Where the file system takes upper and lower case for the same, F_GETPATH of fcntl(2) tells how the
  /// file itself writes its name, so that a file has one path however it was called.
  ///
  /// - Parameter hintIfMissing: The remedy if there is no such file.
  /// - Throws: 71 if the file does not exist or cannot be reached.
  public static func real(
    _ path: String, hintIfMissing: String? = nil
  ) throws(Failure) -> String {
    guard let resolved = realpath(path, nil) else {
      throw .system("cannot open '\(path)'", hint: errno == ENOENT ? hintIfMissing : nil)
    }
    defer { free(resolved) }
    let real = String(cString: resolved)
    #if canImport(Darwin)
      var spelled = [UInt8](repeating: 0, count: Int(MAXPATHLEN))
      guard let file = try? Descriptor.open(path, O_EVTONLY) else { return real }
      if fcntl(file.raw, F_GETPATH, &spelled) == 0 {
        let own = String(decoding: spelled.prefix { $0 != 0 }, as: UTF8.self)
        // Of a file with several names it may tell another one.
        if own.lowercased() == real.lowercased() { return own }
      }
    #endif
    return real
  }

  /// The absolute path of a file that need not exist, in a folder that must.
  ///
  /// - Throws: 71 if the folder does not exist.
  public static func absolute(_ path: String) throws(Failure) -> String {
    let (folder, name) = split(path)
    return join(try real(folder), name)
  }

  /// A name in a folder.
  public static func join(_ folder: String, _ name: String) -> String {
    folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
  }

  /// The folder part and the last part of a path, as dirname(3) and basename(3) have them.
  public static func split(_ path: String) -> (folder: String, name: String) {
    // Of bytes: as a Character a slash and a combining mark after it are no slash.
    let bytes = path.utf8
    guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")) else { return (".", path) }
    let folder = slash == bytes.startIndex ? "/" : String(Substring(bytes[..<slash]))
    return (folder, String(Substring(bytes[bytes.index(after: slash)...])))
  }

  /// Makes a folder with mode 0700, or takes one that is as private.
  ///
  /// - Throws: 71 if it cannot be made, or if others may look into one that exists.
  public static func makePrivateFolder(_ path: String) throws(Failure) {
    if mkdir(path, 0o700) == 0 { return }
    guard errno == EEXIST else { throw .system("cannot make the folder '\(path)'") }
    var status = stat()
    guard lstat(path, &status) == 0 else { throw .system("cannot use the folder '\(path)'") }
    guard status.st_mode & S_IFMT == S_IFDIR, status.st_uid == geteuid(),
      status.st_mode & 0o077 == 0
    else {
      throw Failure(
        .system, "cannot use the folder '\(path)': it is not private",
        hint: "name one that is not there yet; it is made")
    }
  }

  /// Removes a file, by unlink(2), if it is there.
  ///
  /// - Returns: 0, or the `errno` if it is still there.
  @discardableResult
  public static func remove(_ path: String) -> Int32 {
    unlink(path) == 0 || errno == ENOENT ? 0 : errno
  }

  /// Gives a file another name, by rename(2), and so replaces a file that bears it.
  ///
  /// - Throws: 71.
  public static func rename(_ path: String, _ other: String) throws(Failure) {
    if systemRename(path, other) != 0 { throw .system("cannot rename '\(path)' to '\(other)'") }
  }

  /// Removes a folder, by rmdir(2), if it is there and empty.
  public static func removeFolder(_ path: String) { rmdir(path) }
}

// Inside Path the name `rename` is its own.
private func systemRename(_ path: String, _ other: String) -> Int32 { rename(path, other) }

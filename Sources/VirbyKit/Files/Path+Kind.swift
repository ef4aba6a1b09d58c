#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

extension Path {
  /// What bears a name.
  public enum Kind: Sendable {
    /// A file with bytes.
    case file
    /// A folder.
    case folder
    /// A symbolic link, wherever it leads.
    case link
    /// A device such as /dev/null, a terminal, a pipe.
    case device
    /// A socket, which can only be connected to.
    case socket
  }

  /// What bears the name, by lstat(2): a symbolic link is not followed.
  ///
  /// - Returns: nil if nothing does.
  public static func kind(_ path: String) -> Kind? {
    var status = stat()
    return lstat(path, &status) == 0 ? Kind(mode: status.st_mode) : nil
  }
}

extension Path {
  /// Whether a named pipe bears the name, by lstat(2): to open one waits for somebody at its other end.
  public static func isPipe(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFIFO
  }

  /// Whether this process may not even see what bears the name, by lstat(2).
  public static func isHidden(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) != 0 && errno == EACCES
  }
}

extension Path.Kind {
  init(mode: mode_t) {
    switch mode & S_IFMT {
    case S_IFREG: self = .file
    case S_IFDIR: self = .folder
    case S_IFLNK: self = .link
    case S_IFSOCK: self = .socket
    default: self = .device
    }
  }
}

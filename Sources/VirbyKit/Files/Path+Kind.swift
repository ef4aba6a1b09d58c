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
    if lstat(path, &status) != 0 { return nil }
    switch status.st_mode & S_IFMT {
    case S_IFREG: return .file
    case S_IFDIR: return .folder
    case S_IFLNK: return .link
    case S_IFSOCK: return .socket
    default: return .device
    }
  }
}

import VirbyKit

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

extension KeyFolder {
  /// Has all that is made get its mode at creation, whatever the umask(2): that could only take away from
  /// it.
  static func clearMask() { umask(0) }

  /// Makes the folder with mode 0700, by mkdir(2).
  ///
  /// - Returns: false if the name is taken.
  /// - Throws: 71.
  static func make(_ path: String) throws(Failure) -> Bool {
    if mkdir(path, 0o700) != 0 {
      if errno == EEXIST { return false }
      throw .system("cannot make the folder '\(path)'")
    }
    try synchronizeFolder(of: path)
    return true
  }
}

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// Which file it is, whatever its name: the number of its device and its own, by stat(2).
public struct FileIdentity: Hashable, Sendable {
  private let device: UInt64
  private let inode: UInt64

  fileprivate init(_ status: stat) {
    device = UInt64(truncatingIfNeeded: status.st_dev)
    inode = UInt64(status.st_ino)
  }
}

extension Path {
  /// Which file bears the name; a symbolic link is followed.
  ///
  /// - Returns: nil if there is none that can be reached.
  public static func identity(_ path: String) -> FileIdentity? {
    var status = stat()
    return stat(path, &status) == 0 ? FileIdentity(status) : nil
  }
}

extension Descriptor {
  /// Which file is open; nil if the descriptor is not.
  public var identity: FileIdentity? {
    var status = stat()
    return fstat(raw, &status) == 0 ? FileIdentity(status) : nil
  }
}

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// Puts a file's data on the disk: fsync(2), or F_FULLFSYNC on macOS, where fsync leaves it in the
/// drive's cache.
///
/// - Throws: 71.
public func synchronize(_ descriptor: Descriptor, path: String) throws(Failure) {
  let action = "cannot write '\(path)' to the disk"
  #if canImport(Darwin)
    if fcntl(descriptor.raw, F_FULLFSYNC) == 0 { return }
    guard isUnsupported(errno) else { throw .system(action) }
  #endif
  if fsync(descriptor.raw) != 0 { throw .system(action) }
}

/// Puts a folder's entries on the disk, so that a rename in it outlives a power cut.
///
/// - Throws: 71.
public func synchronizeFolder(of path: String) throws(Failure) {
  let folder = Path.split(path).folder
  try synchronize(try Descriptor.open(folder, O_RDONLY | O_DIRECTORY), path: folder)
}

/// Whether a call failed because the file system does not have it, as fcntl(2), link(2) and rename(2) say it in
/// their several ways, and not because what it does went wrong.
func isUnsupported(_ code: Int32) -> Bool {
  [ENOTSUP, EOPNOTSUPP, ENOTTY, EINVAL].contains(code)
}

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
  #if canImport(Darwin)
    // File systems other than APFS and HFS+ do not know F_FULLFSYNC.
    if fcntl(descriptor.raw, F_FULLFSYNC) == 0 { return }
  #endif
  if fsync(descriptor.raw) != 0 { throw .system("cannot write '\(path)' to the disk") }
}

/// Puts a folder's entries on the disk, so that a rename in it outlives a power cut.
///
/// - Throws: 71.
public func synchronizeFolder(of path: String) throws(Failure) {
  let folder = Path.split(path).folder
  try synchronize(try Descriptor.open(folder, O_RDONLY | O_DIRECTORY), path: folder)
}

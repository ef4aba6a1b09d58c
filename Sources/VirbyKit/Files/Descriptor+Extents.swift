import CVirby

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

extension Descriptor {
  /// The next part of a file that is not a hole, by lseek(2) with SEEK_DATA and SEEK_HOLE.
  ///
  /// A file system that knows no holes says that all is data.
  ///
  /// - Parameters:
  ///   - offset: Where to start looking.
  ///   - end: The size of the file.
  ///   - path: The file's name for messages.
  /// - Returns: nil if the rest of the file is a hole.
  /// - Throws: 71.
  public func nextData(
    from offset: Int64, to end: Int64, path: String
  ) throws(Failure) -> Range<Int64>? {
    if offset >= end { return nil }
    let start = Int64(lseek(raw, off_t(offset), cvirby_seek_data()))
    if start < 0 {
      switch errno {
      case ENXIO: return nil
      case EINVAL, ENOTSUP, ENOTTY: return offset..<end
      default: throw .system("cannot read '\(path)'")
      }
    }
    if start >= end { return nil }
    let stop = Int64(lseek(raw, off_t(start), cvirby_seek_hole()))
    if stop < 0 { throw .system("cannot read '\(path)'") }
    return start..<min(stop, end)
  }

  /// Gives a part of a file back to the file system: fallocate(2), or F_PUNCHHOLE of fcntl(2) on macOS.
  ///
  /// - Parameters:
  ///   - range: Whole blocks of the file system.
  ///   - path: The file's name for messages.
  /// - Throws: 71, also if the file system knows no holes.
  public func punchHole(_ range: Range<Int64>, path: String) throws(Failure) {
    if range.isEmpty { return }
    while cvirby_punch_hole(raw, off_t(range.lowerBound), off_t(range.count)) != 0 {
      if errno != EINTR { throw .system("cannot trim '\(path)'") }
    }
  }
}

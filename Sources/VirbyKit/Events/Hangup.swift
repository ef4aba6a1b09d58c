#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// Whether the reader of a descriptor can go away: the control channel of the pipeline.
public enum Hangup {
  /// A watch for the moment when nobody reads stdout any more.
  ///
  /// Only a pipe or a socket has such a moment; a file, a terminal and /dev/null never hang up, though
  /// poll(2) may say so.
  public static func watch(_ descriptor: Int32 = STDOUT_FILENO) -> Watch {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return .nothing }
    let type = status.st_mode & S_IFMT
    return type == S_IFIFO || type == S_IFSOCK ? .hangup(descriptor) : .nothing
  }
}

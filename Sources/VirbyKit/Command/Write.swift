#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// Writes all bytes with write(2), again after an interruption or a short write.
///
/// A descriptor that another process has made non-blocking, as some do with the pipe that they share,
/// is waited for with poll(2).
///
/// - Returns: 0, or the `errno` of the call that failed.
@discardableResult
public func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Int32 {
  var rest = bytes[...]
  while !rest.isEmpty {
    let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    if count >= 0 {
      rest = rest.dropFirst(count)
    } else if errno == EAGAIN {
      var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
      poll(&entry, 1, -1)
    } else if errno != EINTR {
      return errno
    }
  }
  return 0
}

/// Prints the answer of an answer command on stdout: one line, or several.
///
/// - Throws: 71 if stdout cannot take it.
public func printAnswer(_ text: String) throws(Failure) {
  let code = writeAll(Array("\(text)\n".utf8), to: STDOUT_FILENO)
  if code != 0 { throw .system("cannot write to stdout", code) }
}

extension Failure {
  /// Nobody reads stdout any more: there is no use in waiting for an answer.
  public static let nobodyReads = Failure.system("cannot write to stdout", EPIPE)
}

import CVirby
import VirbyKit

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// The size of the terminal that stderr may be.
extension Terminal {
  /// How wide it is, by isatty(3) and TIOCGWINSZ of ioctl(2); 80 if it does not know.
  ///
  /// - Returns: nil if stderr is not a terminal.
  static var columns: Int? {
    if !isErrors { return nil }
    let columns = Int(cvirby_ioctl_tiocgwinsz(STDERR_FILENO))
    return columns > 0 ? columns : 80
  }

  /// Writes to it, as it stands.
  static func write(_ text: String) { writeAll(Array(text.utf8), to: STDERR_FILENO) }
}

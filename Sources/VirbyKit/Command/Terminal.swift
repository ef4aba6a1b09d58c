#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// Whether somebody sits at the other end of a standard stream, by isatty(3).
public enum Terminal {
  /// Whether events would be typed in.
  public static var isInput: Bool { isatty(STDIN_FILENO) != 0 }

  /// Whether messages are read as they come.
  public static var isErrors: Bool { isatty(STDERR_FILENO) != 0 }

  /// Whether messages may have colours: not if NO_COLOR is set to anything, as no-color.org asks, and not on a terminal
  /// that has none.
  static var showsColors: Bool {
    guard isErrors else { return false }
    let isRefused = getenv("NO_COLOR").map { $0.pointee != 0 } ?? false
    let isDumb = getenv("TERM").map { String(cString: $0) == "dumb" } ?? true
    return !isRefused && !isDumb
  }
}

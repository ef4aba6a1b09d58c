import CVirby

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// What stderr may be.
public enum Terminal {
  /// How wide a terminal is, by isatty(3) and TIOCGWINSZ of ioctl(2); 80 if it does not know.
  ///
  /// - Returns: nil if the descriptor is no terminal.
  public static func columns(of descriptor: Int32) -> Int? {
    if isatty(descriptor) == 0 { return nil }
    let columns = Int(cvirby_ioctl_tiocgwinsz(descriptor))
    return columns > 0 ? columns : 80
  }
}

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// The clock on the wall, which can be set: for times that others have written down.
enum WallClock {
  /// Seconds since 1970, by time(3).
  static var seconds: UInt64 { UInt64(max(0, time(nil))) }
}

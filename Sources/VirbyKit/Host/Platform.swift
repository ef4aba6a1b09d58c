// Whoever imports VirbyKit has the C library with it, under whichever name the platform gives it.
#if canImport(Darwin)
  @_exported import Darwin
#else
  @_exported import Glibc
#endif

/// What a command may have to know about the system it runs on.
public enum Platform {
  #if canImport(Darwin)
    /// Whether this is macOS.
    public static let isDarwin = true
  #else
    /// Whether this is macOS.
    public static let isDarwin = false
  #endif
}

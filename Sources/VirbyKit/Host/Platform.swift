import CVirby

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
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

  /// The file that this process runs, to start it once more.
  ///
  /// - Throws: 71.
  public static func executable() throws(Failure) -> String {
    var path = [CChar](repeating: 0, count: Int(PATH_MAX))
    if cvirby_executable(&path, path.count) != 0 { throw .system("cannot find this program") }
    return String(decoding: path.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}

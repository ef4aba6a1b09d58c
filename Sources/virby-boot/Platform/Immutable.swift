import VirbyKit

#if canImport(Darwin)
  import Darwin
#endif

extension Path {
  /// Lets nobody change a file, or what is in a folder, until its owner takes that back by chflags(2):
  /// UF_IMMUTABLE. Elsewhere, and on a file system without such flags, nothing happens.
  static func makeImmutable(_ path: String) {
    #if canImport(Darwin)
      _ = chflags(path, UInt32(UF_IMMUTABLE))
    #endif
  }
}

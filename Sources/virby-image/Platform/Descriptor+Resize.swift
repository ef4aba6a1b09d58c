import VirbyKit

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

extension Descriptor {
  /// Gives a file a size in bytes with ftruncate(2); what is new is a hole.
  ///
  /// - Parameter action: What cannot be done if this fails.
  /// - Throws: 71.
  func resize(to size: Int64, orFail action: String) throws(Failure) {
    while ftruncate(raw, off_t(size)) != 0 {
      if errno != EINTR { throw .system(action) }
    }
  }
}

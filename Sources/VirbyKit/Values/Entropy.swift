#if canImport(Darwin)
  import CVirby
  import Darwin
#else
  import Glibc
#endif

/// Fills a buffer of at most 256 bytes with random bytes of the kernel, fit for keys: getentropy(3).
///
/// - Throws: 71.
public func fillWithEntropy(_ buffer: UnsafeMutableRawBufferPointer) throws(Failure) {
  if getentropy(buffer.baseAddress, buffer.count) != 0 { throw .system("cannot get random bytes") }
}

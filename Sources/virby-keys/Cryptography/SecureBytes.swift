import COpenSSL

/// Bytes that are wiped when the last owner lets go of them: a key, or a file that may hold one.
///
/// A slice shares the bytes. An array made of them is a copy that nobody wipes: make one only of what
/// is public.
final class SecureBytes: RandomAccessCollection {
  private var buffer: UnsafeMutableBufferPointer<UInt8>
  private(set) var count = 0

  /// Holds no bytes yet.
  init(capacity: Int = 1024) {
    buffer = .allocate(capacity: Swift.max(capacity, 16))
    buffer.initialize(repeating: 0)
  }

  /// Holds as many bytes as the body says it has written.
  init<E: Error>(
    capacity: Int, body: (UnsafeMutableBufferPointer<UInt8>) throws(E) -> Int
  ) throws(E) {
    buffer = .allocate(capacity: Swift.max(capacity, 16))
    buffer.initialize(repeating: 0)
    count = Swift.min(try body(buffer), buffer.count)
  }

  /// Holds a copy.
  convenience init(_ bytes: some Collection<UInt8>) {
    self.init(capacity: bytes.count)
    append(bytes)
  }

  deinit { Self.discard(buffer) }

  var startIndex: Int { 0 }
  var endIndex: Int { count }

  subscript(index: Int) -> UInt8 {
    precondition(index >= 0 && index < count)
    return buffer[index]
  }

  /// Adds bytes at the end.
  func append(_ bytes: some Collection<UInt8>) {
    let needed = count + bytes.count
    if needed > buffer.count {
      let larger = UnsafeMutableBufferPointer<UInt8>.allocate(
        capacity: Swift.max(needed, 2 * buffer.count))
      larger.initialize(repeating: 0)
      for index in 0..<count { larger[index] = buffer[index] }
      Self.discard(buffer)
      buffer = larger
    }
    for byte in bytes {
      buffer[count] = byte
      count += 1
    }
  }

  /// Lends the bytes to a C function.
  func withBytes<Result, E: Error>(
    _ body: (UnsafeBufferPointer<UInt8>) throws(E) -> Result
  ) throws(E) -> Result {
    try body(UnsafeBufferPointer(rebasing: buffer[..<count]))
  }

  private static func discard(_ buffer: UnsafeMutableBufferPointer<UInt8>) {
    OPENSSL_cleanse(buffer.baseAddress, buffer.count)
    buffer.deallocate()
  }
}

/// Reads the binary form of RFC 4251 section 5: big-endian numbers, and strings with their length.
struct WireReader {
  private(set) var rest: Slice<SecureBytes>

  /// Starts at the beginning.
  init(_ bytes: SecureBytes) {
    rest = bytes[...]
  }

  /// Starts at the beginning of a string that another reader has read.
  init(_ bytes: Slice<SecureBytes>) {
    rest = bytes
  }

  /// The next bytes, as many as asked for.
  mutating func bytes(_ count: Int) throws(MalformedKey) -> Slice<SecureBytes> {
    guard count <= rest.count else { throw .cutShort }
    defer { rest = rest.dropFirst(count) }
    return rest.prefix(count)
  }

  /// The next number.
  mutating func uint32() throws(MalformedKey) -> UInt32 {
    try bytes(4).reduce(0) { $0 << 8 | UInt32($1) }
  }

  /// The next string, which is any bytes.
  mutating func string() throws(MalformedKey) -> Slice<SecureBytes> {
    try bytes(Int(try uint32()))
  }
}

extension SecureBytes {
  /// Adds a number in the binary form of RFC 4251.
  func append(uint32 number: UInt32) {
    append([24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) })
  }

  /// Adds a string in the binary form of RFC 4251.
  func append(string bytes: some Collection<UInt8>) {
    append(uint32: UInt32(bytes.count))
    append(bytes)
  }
}

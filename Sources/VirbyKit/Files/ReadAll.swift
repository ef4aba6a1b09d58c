#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// Reads a file or a pipe, by default stdin, to its end with read(2).
///
/// - Parameters:
///   - name: How messages call it.
///   - limit: The most bytes that it may have.
/// - Throws: 71 if it cannot be read, 65 if it is larger.
public func readAll(
  _ descriptor: Int32 = STDIN_FILENO, name: String, limit: ByteSize
) throws(Failure) -> [UInt8] {
  var status = stat()
  if fstat(descriptor, &status) != 0 { throw .system("cannot read \(name)") }
  let most = Int(limit.bytes)
  // One byte more than the file has: the read that finds the end needs room as well.
  var size = min(max(Int(status.st_size), 4095), most) + 1
  var bytes: [UInt8] = []
  while true {
    let (chunk, code) = readOnce(descriptor, size)
    if code == EINTR { continue }
    if code != 0 { throw .system("cannot read \(name)", code) }
    if chunk.isEmpty { return bytes }
    if bytes.isEmpty { bytes = chunk } else { bytes += chunk }
    if bytes.count > most { throw Failure(.malformed, "\(name) is larger than \(limit)") }
    size = max(4096, size - chunk.count)
  }
}

private func readOnce(_ descriptor: Int32, _ size: Int) -> (bytes: [UInt8], code: Int32) {
  var code: Int32 = 0
  let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
    let result = read(descriptor, buffer.baseAddress, size)
    code = result < 0 ? errno : 0
    count = max(0, result)
  }
  return (bytes, code)
}

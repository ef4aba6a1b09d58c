import VirbyKit

extension Disk {
  /// Makes holes of all blocks that are zero; no byte of the disk changes.
  ///
  /// Blocks that are allocated but never written count as holes for lseek(2), so holes are punched too.
  ///
  /// - Parameter bar: Hears how far it has come.
  /// - Throws: 71, also if the file system knows no holes.
  func punchZeros(showing bar: ProgressBar) throws(Failure) {
    let block = Int64(ZeroBlock.size)
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 4096)
    defer { buffer.deallocate() }
    // Between the last block that is not zero and `next` nothing but zeros was seen.
    var zeros: Int64 = 0
    var next: Int64 = 0
    while let data = try descriptor.nextData(from: next, to: size, path: name) {
      next = max(next, data.lowerBound / block * block)
      while next < data.upperBound {
        let bytes = UnsafeRawBufferPointer(
          rebasing: buffer[..<(try descriptor.fill(buffer, at: next, path: name))])
        for offset in stride(from: 0, to: bytes.count, by: ZeroBlock.size)
        where !bytes.isZeroBlock(at: offset) {
          try descriptor.punchHole(zeros..<next + Int64(offset), path: name)
          zeros = next + Int64(offset) + block
        }
        if bytes.isEmpty { throw Failure(.malformed, "'\(name)' was truncated while being read") }
        next += Int64(bytes.count)
        bar.show(next)
      }
    }
    try descriptor.punchHole(zeros..<max(zeros, size / block * block), path: name)
  }
}

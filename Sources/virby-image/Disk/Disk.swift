import VirbyKit

/// A raw disk image: a regular file of whole sectors.
struct Disk {
  /// The file's name for messages.
  let name: String
  /// The file's size in bytes.
  private(set) var size: Int64
  /// The bytes that the file takes on its file system.
  let allocated: Int64
  /// The open file.
  let descriptor: Descriptor

  /// Takes an open file for a disk.
  ///
  /// - Throws: 65 if it is not a disk image, or one of another format; 71 if it cannot be read.
  init(_ descriptor: Descriptor, name: String) throws(Failure) {
    guard descriptor.isRegularFile else {
      throw Failure(.malformed, "'\(name)' is not a regular file")
    }
    self.descriptor = descriptor
    self.name = name
    size = try descriptor.size(path: name)
    allocated = try descriptor.allocatedSize(path: name)
    if size == 0 { throw Failure(.malformed, "'\(name)' is empty") }
    let head = try read(count: ForeignFormat.headLength, at: 0)
    let tail = try read(count: 512, at: max(0, size - 512))
    if let format = ForeignFormat(head: head, tail: tail) { throw format.failure(name: name) }
    if size % 512 != 0 {
      throw Failure(
        .malformed,
        "'\(name)' is not a raw disk: its size, \(size) bytes, is not a multiple of 512",
        hint: "if it was copied or downloaded, do so again: it may be cut short")
    }
  }

  /// The bytes at an offset, fewer at the end of the disk.
  func read(count: Int, at offset: Int64) throws(Failure) -> [UInt8] {
    try descriptor.bytes(count: count, at: offset, path: name)
  }

  /// Writes bytes where the disk has others.
  ///
  /// From the first sector that differs to the last, no more: what is a hole and stays zero takes no room,
  /// so a table can be changed on a file system that is full.
  ///
  /// - Returns: Whether the disk was changed.
  func put(_ bytes: [UInt8], at offset: Int64) throws(Failure) -> Bool {
    let present = try read(count: bytes.count, at: offset)
    let differing = stride(from: 0, to: bytes.count, by: 512).filter {
      let sector = $0..<min($0 + 512, bytes.count)
      return sector.upperBound > present.count || bytes[sector] != present[sector]
    }
    guard let first = differing.first, let last = differing.last else { return false }
    let part = bytes[first..<min(last + 512, bytes.count)]
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: part.count, alignment: 16)
    defer { buffer.deallocate() }
    buffer.copyBytes(from: part)
    try descriptor.write(
      UnsafeRawBufferPointer(buffer), at: offset + Int64(first), orFail: "cannot write '\(name)'")
    return true
  }

  /// Gives the file another size; what is new is a hole.
  mutating func resize(to newSize: Int64) throws(Failure) {
    try descriptor.resize(to: newSize, orFail: "cannot grow '\(name)'")
    size = newSize
  }

  /// Waits until all that was written is on the disk.
  func synchronize() throws(Failure) {
    try VirbyKit.synchronize(descriptor, path: name)
  }
}

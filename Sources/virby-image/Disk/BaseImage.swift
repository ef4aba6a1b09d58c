import ArgumentParser
import VirbyKit

/// The image that a disk is made from: a file, or a stream that can be read once.
struct BaseImage {
  /// The image's name for messages.
  let name: String
  /// Open for reading.
  let descriptor: Descriptor
  /// The disk that it is; nil for a stream, which can be read only once, from start to end.
  let disk: Disk?
  /// Held while the image is read.
  private let lock: FileLock?

  /// Opens an image; `-` is stdin.
  ///
  /// A file is locked, shared: the image of a running VM would be torn. One that is in use is known by its
  /// `DISK.lock`, which is not made; who starts to use it later finds the file itself locked.
  ///
  /// - Throws: 65 if it cannot be a raw disk, 71 if it cannot be read, 75 if it is in use.
  init(path: String) throws(Failure) {
    name = path == "-" ? "stdin" : path
    descriptor =
      path == "-" ? Descriptor(owning: 0) : try Descriptor.open(path)
    if descriptor.identity == nil { throw .system("cannot read '\(name)'") }
    // stdin may stand anywhere in a file, so it is only ever read on.
    if path == "-" || !descriptor.isRegularFile {
      disk = nil
      lock = nil
      return
    }
    lock = try FileLock(
      descriptor, path: path, shared: true, hint: "find it with: lsof \(shellQuoted(path))")
    try DiskLock.check(Path.real(path), named: path)
    disk = try Disk(descriptor, name: name)
  }

  /// Copies all that is not zero.
  ///
  /// The kernel's copy_file_range(2) would copy what is zero too, and is no faster where it copies.
  ///
  /// - Parameters:
  ///   - limit: More than that a stream may not have.
  ///   - bar: Hears how far it has come.
  /// - Throws: 64 if a stream has more, 65 if it cannot be a raw disk, 71.
  func copy(
    to writer: inout SparseWriter, atMost limit: ByteSize?, showing bar: ProgressBar
  ) throws(Failure) {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 4096)
    defer { buffer.deallocate() }
    if let disk {
      try copyFile(of: disk.size, to: &writer, through: buffer, showing: bar)
    } else {
      try copyStream(to: &writer, through: buffer, atMost: limit, showing: bar)
    }
  }

  private func copyFile(
    of size: Int64, to writer: inout SparseWriter, through buffer: UnsafeMutableRawBufferPointer,
    showing bar: ProgressBar
  ) throws(Failure) {
    while let data = try descriptor.nextData(from: writer.end, to: size, path: name) {
      writer.skip(to: data.lowerBound)
      while writer.end < data.upperBound {
        let want = Int(min(Int64(buffer.count), data.upperBound - writer.end))
        let part = UnsafeMutableRawBufferPointer(rebasing: buffer[..<want])
        guard try descriptor.fill(part, at: writer.end, path: name) == want else {
          throw Failure(.malformed, "'\(name)' was truncated while being read")
        }
        try writer.append(UnsafeRawBufferPointer(part))
        bar.show(writer.end)
      }
    }
    writer.skip(to: size)
  }

  private func copyStream(
    to writer: inout SparseWriter, through buffer: UnsafeMutableRawBufferPointer,
    atMost limit: ByteSize?, showing bar: ProgressBar
  ) throws(Failure) {
    while true {
      let count = try descriptor.fill(buffer, at: nil, path: name)
      let part = UnsafeRawBufferPointer(rebasing: buffer[..<count])
      if writer.end == 0,
        let format = ForeignFormat(head: Array(part.prefix(ForeignFormat.headLength)), tail: [])
      {
        throw format.failure(name: name)
      }
      if let limit, writer.end + Int64(count) > limit.bytes {
        throw Failure(
          .usage, "cannot shrink '\(name)' to \(limit): it is larger than that",
          hint: "give a larger size, or none")
      }
      try writer.append(part)
      bar.show(writer.end)
      if count < buffer.count { return }
    }
  }
}

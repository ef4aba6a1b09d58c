import CVirby

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

extension Descriptor {
  /// Reads with pread(2), or read(2) if no offset is given, until the buffer is full or the file ends.
  ///
  /// - Parameters:
  ///   - offset: In bytes from the start of the file; nil reads on, as from a pipe.
  ///   - path: The file's name for messages.
  /// - Returns: The number of bytes, less than the buffer has only at the end.
  /// - Throws: 71.
  public func fill(
    _ buffer: UnsafeMutableRawBufferPointer, at offset: Int64?, path: String
  ) throws(Failure) -> Int {
    var done = 0
    while done < buffer.count {
      let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
      let count =
        if let offset {
          pread(raw, rest.baseAddress, rest.count, off_t(offset) + off_t(done))
        } else {
          read(raw, rest.baseAddress, rest.count)
        }
      if count == 0 { break }
      if count > 0 {
        done += count
      } else if errno != EINTR {
        throw .system("cannot read '\(path)'")
      }
    }
    return done
  }

  /// Reads once with read(2); a descriptor that is non-blocking and has nothing to read is `blocked`.
  public func receive(into buffer: UnsafeMutableRawBufferPointer) -> Socket.Transfer {
    while true {
      let count = read(raw, buffer.baseAddress, buffer.count)
      if count > 0 { return .moved(count) }
      if count == 0 { return .end }
      if errno == EAGAIN { return .blocked }
      if errno != EINTR { return .failed(errno) }
    }
  }

  /// The bytes at an offset, fewer at the end of the file.
  ///
  /// - Throws: 71.
  public func bytes(count: Int, at offset: Int64, path: String) throws(Failure) -> [UInt8] {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 16)
    defer { buffer.deallocate() }
    return Array(buffer.prefix(try fill(buffer, at: offset, path: path)))
  }

  /// Has the system begin to put a part of the file on the disk, by sync_file_range(2) on Linux.
  ///
  /// A hint and no more: whoever must know that it is there calls `synchronize`, which then has less to
  /// wait for.
  public func beginWriting(_ range: Range<Int64>) {
    cvirby_begin_writing(raw, off_t(range.lowerBound), off_t(range.count))
  }

  /// Writes all bytes with pwrite(2).
  ///
  /// - Parameters:
  ///   - offset: In bytes from the start of the file.
  ///   - action: What cannot be done if this fails: `cannot write 'disk.img'`.
  /// - Throws: 71.
  public func write(
    _ bytes: UnsafeRawBufferPointer, at offset: Int64, orFail action: @autoclosure () -> String
  ) throws(Failure) {
    var done = 0
    while done < bytes.count {
      let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
      let count = pwrite(raw, rest.baseAddress, rest.count, off_t(offset) + off_t(done))
      if count >= 0 {
        done += count
      } else if errno != EINTR {
        throw .system(action())
      }
    }
  }
}

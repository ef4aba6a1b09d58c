#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

extension FileLock {
  /// Who holds the flock(2) of an open file, for a message: `process 4242`.
  ///
  /// Linux tells in proc_locks(5) which process took a lock; macOS tells nobody. A taker that has ended
  /// and left the lock to a child is not named, nor is one in a container that cannot be seen from here.
  ///
  /// - Returns: `another process` if the system does not tell.
  static func holder(of descriptor: Descriptor) -> String {
    var status = stat()
    guard !Platform.isDarwin, fstat(descriptor.raw, &status) == 0,
      let file = try? Descriptor.openExisting("/proc/locks"),
      let table = try? readAll(file.raw, name: "'/proc/locks'", limit: ByteSize(bytes: 16 << 20))
    else { return "another process" }
    let takers = takers(in: table, device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
    guard let taker = takers.first(where: { kill($0, 0) == 0 || errno == EPERM }) else {
      return "another process"
    }
    return "process \(taker)"
  }

  /// The processes that took a lock by flock(2) on a file, from the text of /proc/locks.
  ///
  ///     1: FLOCK  ADVISORY  WRITE 4242 fe:00:1047 0 EOF
  static func takers(in table: [UInt8], device: UInt64, inode: UInt64) -> [pid_t] {
    // As makedev(3) puts them together.
    let major = device >> 8 & 0xfff | device >> 32 & ~0xfff
    let minor = device & 0xff | device >> 12 & ~0xff
    return table.split(separator: UInt8(ascii: "\n")).compactMap { line in
      let words = line.split(separator: UInt8(ascii: " ")).map {
        String(decoding: $0, as: UTF8.self)
      }
      // In the line of one that waits for the lock the second word is an arrow.
      guard words.count >= 6, words[1] == "FLOCK", let pid = pid_t(words[4]), pid > 0 else {
        return nil
      }
      let place = words[5].split(separator: ":")
      guard place.count == 3, UInt64(place[0], radix: 16) == major,
        UInt64(place[1], radix: 16) == minor, UInt64(place[2]) == inode
      else { return nil }
      return pid
    }
  }
}

import VirbyKit

/// The disk that the machine boots, locked for as long as this process or the driver lives.
struct DiskImage {
  /// The real path.
  let path: String
  let lock: DiskLock

  /// Takes the disk's lock.
  ///
  /// - Throws: 71 if it cannot be locked, 75 if it is in use.
  static func lock(_ path: String) throws(Failure) -> DiskLock {
    try DiskLock(of: locate(path), named: path)
  }

  /// Makes sure that nobody has the disk without its lock.
  ///
  /// - Parameters:
  ///   - lock: The lock.
  ///   - needsTable: Whether firmware boots it, which looks for a partition table.
  /// - Throws: 65 if it is not a raw image, 71 if it cannot be opened or locked, 75 if it is in use.
  init(_ path: String, locked lock: DiskLock, needsTable: Bool) throws(Failure) {
    self.path = try Self.locate(path)
    self.lock = lock
    // Its own lock is the driver's to take.
    let file = try lock.openDisk().descriptor
    try Self.examine(file, path: path, needsTable: needsTable)
  }

  /// The real path of a disk that must exist.
  static func locate(_ path: String) throws(Failure) -> String {
    try Path.real(path, hintIfMissing: "make a disk with 'virby-image create'")
  }

  /// Refuses what cannot be booted: a size that is not whole sectors, a format that is not raw, and, if it
  /// is needed, a partition table that is not there.
  private static func examine(
    _ file: Descriptor, path: String, needsTable: Bool
  ) throws(Failure) {
    let size = try file.size(path: path)
    let start = try file.bytes(count: ForeignFormat.headLength, at: 0, path: path)
    let tail = try file.bytes(count: 512, at: max(0, size - 512), path: path)
    if let format = ForeignFormat(head: start, tail: tail) { throw format.failure(name: path) }
    guard size > 0, size % 512 == 0 else {
      throw Failure(
        .malformed, "'\(path)' is not a disk image: its size is \(size) bytes",
        hint: "make a disk with 'virby-image create'")
    }
    let head = start
    let isBootRecord = head.count >= 512 && head[510...511].elementsEqual([0x55, 0xaa])
    let table = Array("EFI PART".utf8)
    let isTable = [512, 4096].contains { head.dropFirst($0).starts(with: table) }
    guard !needsTable || isBootRecord || isTable else {
      throw Failure(
        .malformed, "'\(path)' is not a disk image: it has no partition table",
        hint: "make a disk with 'virby-image create', or boot a kernel with '--kernel'")
    }
  }
}

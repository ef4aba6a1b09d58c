import VirbyKit

/// The disk that the machine boots, locked for as long as this process or the driver lives.
struct DiskImage {
  /// The real path.
  let path: String
  let lock: FileLock

  /// Opens and locks the disk.
  ///
  /// - Parameter deadline: How long to wait for another that uses it.
  /// - Throws: 65 if it is not a raw image, 71 if it cannot be opened, 75 if it is in use.
  init(_ path: String, until deadline: ContinuousClock.Instant) throws(Failure) {
    self.path = try Self.locate(path)
    lock = try FileLock.open(path, until: deadline)
    try Self.examine(lock.descriptor, path: path)
  }

  /// The real path of a disk that must exist.
  static func locate(_ path: String) throws(Failure) -> String {
    try Path.real(path, hintIfMissing: "make a disk with 'virby-image create'")
  }

  /// Refuses what no driver can boot: a size that is no multiple of a sector, and no partition table.
  private static func examine(_ file: Descriptor, path: String) throws(Failure) {
    let size = try file.size(path: path)
    guard size > 0, size % 512 == 0 else {
      throw Failure(
        .malformed, "'\(path)' is not a disk image: its size is \(size) bytes",
        hint: "make a disk with 'virby-image create'")
    }
    let head = try file.bytes(count: 4608, at: 0, path: path)
    if head.starts(with: Array("QFI".utf8) + [0xfb]) {
      throw Failure(
        .malformed, "'\(path)' is a qcow2 image; only raw ones can be booted",
        hint: "qemu-img convert -O raw '\(path)' disk.img")
    }
    let isBootRecord = head.count >= 512 && head[510...511].elementsEqual([0x55, 0xaa])
    let table = Array("EFI PART".utf8)
    let isTable = [512, 4096].contains { head.dropFirst($0).starts(with: table) }
    guard isBootRecord || isTable else {
      throw Failure(
        .malformed, "'\(path)' is not a disk image: it has no partition table",
        hint: "make a disk with 'virby-image create'")
    }
  }
}

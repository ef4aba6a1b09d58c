import Testing
import VirbyKit

@testable import virby_image

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// A disk image in a file without a name, with a partition table written as UEFI chapter 5 says.
struct TestDisk {
  /// The shape of a table.
  struct Shape: CustomTestStringConvertible {
    var sectorSize = 512
    var count = 128
    var entrySize = 128
    var sectors = 2048
    var partitions: [(first: UInt64, last: UInt64)] = [(64, 127), (128, 1023)]

    var entriesSectors: Int { (count * entrySize + sectorSize - 1) / sectorSize }
    var testDescription: String { "\(count) × \(entrySize) in sectors of \(sectorSize)" }
  }

  let descriptor: Descriptor

  /// A file with that content.
  init(_ bytes: [UInt8]) throws {
    var template = Array("/tmp/virby-image-test.XXXXXX".utf8CString)
    let raw = mkstemp(&template)
    if raw < 0 { throw Failure.system("cannot make a file") }
    unlink(template)
    descriptor = Descriptor(owning: raw)
    try write(bytes)
  }

  /// A disk with a sound table.
  init(_ shape: Shape = Shape()) throws { try self.init(Self.image(shape)) }

  var disk: Disk { get throws { try Disk(descriptor, name: "disk.img") } }

  var bytes: [UInt8] {
    get throws {
      try descriptor.bytes(
        count: Int(lseek(descriptor.raw, 0, SEEK_END)), at: 0, path: "disk.img")
    }
  }

  /// Replaces all content.
  func write(_ bytes: [UInt8]) throws {
    if ftruncate(descriptor.raw, 0) != 0 { throw Failure.system("cannot truncate") }
    try descriptor.write(bytes, at: 0)
  }

  /// Grows the disk as `grow` does, unheard.
  func grow(to size: Int, growingPartition: Bool = false) throws {
    var disk = try disk
    try disk.grow(
      to: ByteSize(bytes: Int64(size)), growingPartition: growingPartition,
      log: Diagnostics(command: "test", level: .errors))
  }

  /// All bytes of a disk with a sound table, and a mark in every sector that a partition has.
  static func image(_ shape: Shape = Shape()) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: shape.sectors * shape.sectorSize)
    let end = UInt64(shape.sectors - 1)
    let room = UInt64(shape.entriesSectors)
    var entries = [UInt8](repeating: 0, count: shape.count * shape.entrySize)
    for (index, partition) in shape.partitions.enumerated() {
      let start = index * shape.entrySize
      for byte in 0..<32 { entries[start + byte] = UInt8(index * 32 + byte + 1) }
      entries.set(partition.first, at: start + 32)
      entries.set(partition.last, at: start + 40)
      for sector in partition.first...partition.last {
        bytes[Int(sector) * shape.sectorSize] = UInt8(truncatingIfNeeded: sector) | 1
      }
    }
    func put(_ some: [UInt8], at sector: UInt64) {
      let start = Int(sector) * shape.sectorSize
      bytes.replaceSubrange(start..<start + some.count, with: some)
    }
    func header(at lba: UInt64, other: UInt64, entriesAt: UInt64) -> [UInt8] {
      var header = [UInt8](repeating: 0, count: shape.sectorSize)
      header.replaceSubrange(0..<8, with: Array("EFI PART".utf8))
      header.set(UInt32(0x10000), at: 8)
      header.set(UInt32(92), at: 12)
      header.set(lba, at: 24)
      header.set(other, at: 32)
      header.set(2 + room, at: 40)
      header.set(end - room - 1, at: 48)
      for byte in 56..<72 { header[byte] = UInt8(byte) }
      header.set(entriesAt, at: 72)
      header.set(UInt32(shape.count), at: 80)
      header.set(UInt32(shape.entrySize), at: 84)
      header.set(CRC32.checksum(entries), at: 88)
      header.set(CRC32.checksum(header[..<92]), at: 16)
      return header
    }
    put(entries, at: 2)
    put(header(at: 1, other: end, entriesAt: 2), at: 1)
    put(entries, at: end - room)
    put(header(at: end, other: 1, entriesAt: end - room), at: end)
    bytes.replaceSubrange(446..<458, with: [0, 0, 2, 0, 0xee, 0xff, 0xff, 0xff, 1, 0, 0, 0])
    bytes.set(UInt32(end), at: 458)
    bytes.replaceSubrange(510..<512, with: [0x55, 0xaa])
    return bytes
  }
}

extension Descriptor {
  func write(_ bytes: [UInt8], at offset: Int64) throws {
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 16)
    defer { copy.deallocate() }
    copy.copyBytes(from: bytes)
    try write(UnsafeRawBufferPointer(copy), at: offset, orFail: "cannot write")
  }
}

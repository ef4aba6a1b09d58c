import Testing

@testable import VirbyKit

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

@Suite struct DescriptorExtentsTests {
  private let folder: TemporaryFolder
  private let file: Descriptor

  /// Four MiB of which the second is data.
  init() throws {
    folder = try TemporaryFolder()
    file = try Descriptor.open(folder["sparse"], O_RDWR | O_CREAT, mode: 0o600)
    #expect(ftruncate(file.raw, 4 << 20) == 0)
    try write(1, at: 1 << 20)
  }

  private func write(_ byte: UInt8, at offset: Int64) throws {
    let block = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
    defer { block.deallocate() }
    block.initializeMemory(as: UInt8.self, repeating: byte)
    try file.write(UnsafeRawBufferPointer(block), at: offset, orFail: "cannot write")
  }

  @Test func dataIsFoundBetweenHoles() throws {
    #expect(try file.nextData(from: 0, to: 4 << 20, path: "") == 1 << 20..<2 << 20)
    #expect(try file.nextData(from: 3 << 19, to: 4 << 20, path: "") == 3 << 19..<2 << 20)
    #expect(try file.nextData(from: 2 << 20, to: 4 << 20, path: "") == nil)
    #expect(try file.nextData(from: 4 << 20, to: 4 << 20, path: "") == nil)
  }

  @Test func endBoundsTheAnswer() throws {
    #expect(try file.nextData(from: 0, to: 3 << 19, path: "") == 1 << 20..<3 << 19)
    #expect(try file.nextData(from: 0, to: 1 << 20, path: "") == nil)
  }

  @Test func aPipeHasNoPlaces() throws {
    let pipe = try Descriptor.pipe()
    let failure = #expect(throws: Failure.self) {
      try pipe.read.nextData(from: 0, to: 10, path: "pipe")
    }
    #expect(failure?.message == "cannot read 'pipe': Illegal seek")
  }

  @Test func punchedPartIsAHoleAndReadsAsZeros() throws {
    try file.punchHole(1 << 20..<3 << 19, path: "")
    #expect(try file.nextData(from: 0, to: 4 << 20, path: "") == 3 << 19..<2 << 20)
    #expect(try file.bytes(count: 2, at: 3 << 19 - 1, path: "") == [0, 1])
    try file.punchHole(0..<0, path: "")
  }

  @Test func bytesEndWithTheFile() throws {
    #expect(try file.bytes(count: 8, at: 4 << 20 - 3, path: "") == [0, 0, 0])
    #expect(try file.bytes(count: 8, at: 5 << 20, path: "").isEmpty)
  }
}

import Testing
import VirbyKit

@testable import virby_image

@Suite struct SparseWriterTests {
  private func written(_ parts: [[UInt8]]) throws -> (bytes: [UInt8], written: Int64) {
    let file = try TestDisk([])
    var writer = SparseWriter(file.descriptor, action: "cannot write")
    for part in parts {
      let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: part.count, alignment: 16)
      defer { copy.deallocate() }
      copy.copyBytes(from: part)
      try writer.append(UnsafeRawBufferPointer(copy))
    }
    try writer.finish()
    return (try file.bytes, writer.written)
  }

  @Test func zeroBlocksAreNotWritten() throws {
    let zeros = [UInt8](repeating: 0, count: 8192)
    let ones = [UInt8](repeating: 1, count: 4096)
    let all = zeros + ones + ones + zeros + ones + zeros
    let result = try written([all])
    #expect(result.bytes == all)
    #expect(result.written == 3 * 4096)
  }

  @Test func oneByteMakesABlock() throws {
    for index in [0, 1, 4094, 4095] {
      var block = [UInt8](repeating: 0, count: 4096)
      block[index] = 1
      let result = try written([block])
      #expect(result.bytes == block)
      #expect(result.written == 4096)
    }
  }

  @Test func equalBytesThatAreNotZeroAreWritten() throws {
    let block = [UInt8](repeating: 0xff, count: 4096)
    #expect(try written([block]).bytes == block)
  }

  @Test func sizeIsKeptWhateverTheEnd() throws {
    for count in [1, 511, 512, 4097, 12288, 12289] {
      let zeros = [UInt8](repeating: 0, count: count)
      var last = zeros
      last[count - 1] = 1
      #expect(try written([zeros]) == (zeros, 0))
      #expect(try written([last]).bytes == last)
      #expect(try written([last, zeros, last]).bytes == last + zeros + last)
    }
    #expect(try written([]).bytes.isEmpty)
  }
}

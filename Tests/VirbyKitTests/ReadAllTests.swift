import Testing
import VirbyKit

@Suite struct ReadAllTests {
  /// What a pipe gives back that so many bytes were written to.
  private func read(_ count: Int, limit: Int64) throws -> Int {
    var pipe: (read: Descriptor, write: Descriptor?) = try Descriptor.pipe()
    #expect(writeAll([UInt8](repeating: 7, count: count), to: pipe.write?.raw ?? -1) == 0)
    pipe.write = nil
    return try readAll(pipe.read.raw, name: "'pipe'", limit: ByteSize(bytes: limit)).count
  }

  @Test(arguments: [0, 1, 4095, 4096, 4097, 10_000])
  func readsToTheEnd(count: Int) throws {
    #expect(try read(count, limit: 10_000) == count)
  }

  @Test(arguments: [10_001, 20_000])
  func refusesMoreThanTheLimit(count: Int) {
    #expect(throws: Failure(.malformed, "'pipe' is larger than 10000B")) {
      try read(count, limit: 10_000)
    }
  }

  @Test func saysWhatCannotBeRead() {
    #expect(throws: Failure(.system, "cannot read 'none': Bad file descriptor")) {
      try readAll(-1, name: "'none'", limit: ByteSize(bytes: 1))
    }
  }
}

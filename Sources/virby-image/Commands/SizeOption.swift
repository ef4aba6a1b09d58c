import ArgumentParser
import VirbyKit

/// `-s`: the size that a disk shall have.
struct SizeOption: ParsableArguments {
  @Option(name: .shortAndLong, help: "The disk's size, such as 100GiB; the default is BASE's.")
  var size: ByteSize?

  func validate() throws { try size?.checkWholeSectors() }
}

extension ByteSize {
  /// Refuses a size that no disk can have: the smallest sector has 512 bytes.
  func checkWholeSectors() throws {
    if bytes % 512 != 0 { throw ValidationError("size '\(self)' is not a multiple of 512 bytes") }
  }
}

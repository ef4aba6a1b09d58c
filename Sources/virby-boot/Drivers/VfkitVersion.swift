import VirbyKit

/// The version of vfkit, as `vfkit --version` prints it: `vfkit version: v0.6.1`.
struct VfkitVersion: Comparable, CustomStringConvertible {
  private let numbers: [Int]

  /// The least that will do: earlier ones have no `--nested`, end the guest without asking it on SIGTERM, and leave
  /// their REST socket behind.
  static let least = VfkitVersion(numbers: [0, 6, 2])

  /// Reads the last word of the first line; what git-describe(1) or a release candidate adds is left out.
  ///
  /// - Returns: nil for a build that has no such number, such as one that is named by its commit.
  init?(_ output: [UInt8]) {
    let line = output.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
    guard var word = line.split(separator: UInt8(ascii: " ")).last else { return nil }
    if word.first == UInt8(ascii: "v") { word = word.dropFirst() }
    let number = word.prefix { $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: "+") }
    let parts = number.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    let numbers = parts.compactMap { part in
      part.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        ? Int(String(decoding: part, as: UTF8.self)) : nil
    }
    guard parts.count == 3, numbers.count == 3 else { return nil }
    self.numbers = numbers
  }

  private init(numbers: [Int]) { self.numbers = numbers }

  var description: String { numbers.map(String.init).joined(separator: ".") }

  /// Earlier versions come first.
  static func < (one: VfkitVersion, other: VfkitVersion) -> Bool {
    one.numbers.lexicographicallyPrecedes(other.numbers)
  }
}

extension VfkitDriver {
  func check(within limit: Duration, log: Diagnostics) throws(Failure) {
    let output = try Descriptor.temporary()
    let child = try Child.spawn(["vfkit", "--version"], output: output, errors: .null())
    let end = try child.end(within: limit)
    let bytes = try output.bytes(count: 4096, at: 0, path: "vfkit --version")
    guard end == .exited(0), let version = VfkitVersion(bytes) else {
      log.explain("cannot read the version of 'vfkit'; assuming \(VfkitVersion.least) or later")
      return
    }
    guard version >= VfkitVersion.least else {
      throw Failure(
        .unavailable, "'vfkit' is too old: its version is \(version)",
        hint: "install vfkit \(VfkitVersion.least) or later")
    }
  }
}

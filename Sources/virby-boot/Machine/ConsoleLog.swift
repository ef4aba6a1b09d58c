import VirbyKit

/// The file that the driver writes the guest's console to.
///
/// What the guest says last, before it hangs or dies, is what one wants to read, so the log is always kept, and
/// the one of the run before with it. A guest that talks without end must not fill the disk of the host:
/// when the log has taken 16 MiB, all but the last 8 are given back, as a hole at its beginning. The driver
/// has the file open and notices nothing.
final class ConsoleLog {
  /// More than this is not left on the disk.
  static let most: Int64 = 16 << 20
  /// So much of it stays.
  static let kept: Int64 = 8 << 20

  private let path: String
  private let file: Descriptor
  private let change: FileWatch
  /// When the guest was first heard, and whether that has been told.
  private(set) var beginning: ContinuousClock.Instant?
  private var isTold = false
  private var canShrink = true
  private var rest = ContinuousClock.now
  private var guestWords = GuestWords()

  /// Makes the log's file new, readable by its owner alone, and calls the one that was there `PATH.old`.
  ///
  /// - Returns: nil for a device such as /dev/null, which is not looked at.
  /// - Throws: 71 if it cannot be made, or if the name is that of a folder or a symbolic link.
  init?(_ path: String) throws(Failure) {
    switch Path.kind(path) {
    case nil: break
    case .file: try Self.putAside(path)
    case .device where !Path.isPipe(path): return nil
    case .folder, .link, .socket, .device:
      throw Failure(
        .system, "cannot write the console to '\(path)': it is not a file",
        hint: "name a file with '--serial'")
    }
    self.path = path
    file = try Descriptor.openPrivateFile(path)
    change = try FileWatch(path: path)
  }

  /// Ready when the guest has said something; not twice within a second.
  var watch: Watch { rest <= .now ? change.watch : .nothing }

  /// When `watch` will be of use again.
  var nextLook: ContinuousClock.Instant? { rest <= .now ? nil : rest }

  /// Looks at what the guest has said.
  ///
  /// - Returns: The first line, once, when it is complete; else nil.
  /// - Throws: 71.
  func look() throws(Failure) -> String? {
    change.take()
    rest = .now + .seconds(1)
    if try file.allocatedSize(path: path) > Self.most { try shrink() }
    if isTold { return nil }
    let start = try file.bytes(count: 512, at: 0, path: path)
    let text = start.drop { [9, 10, 13, 32].contains($0) }
    if !text.isEmpty { beginning = beginning ?? .now }
    guard let end = text.firstIndex(where: { $0 == 10 || $0 == 13 }) else { return nil }
    isTold = true
    return String(decoding: text[..<end].prefix(80), as: UTF8.self)
  }

  /// What the guest has said to the host's user since the last call, line by line.
  ///
  /// - Throws: 71.
  func words() throws(Failure) -> [String] { try guestWords.next(in: file, path: path) }

  /// Another program may have made it, for all to read. An empty one, of a start that failed, must not
  /// push out the log of the last guest that ran.
  private static func putAside(_ path: String) throws(Failure) {
    let old = try Descriptor.openPrivateFile(path)
    if try old.size(path: path) > 0 { try Path.rename(path, "\(path).old") }
  }

  private func shrink() throws(Failure) {
    if !canShrink { return }
    // Whole blocks of any file system, and no more than there is.
    let end = try (file.size(path: path) - Self.kept) & ~0xffff
    do throws(Failure) { try file.punchHole(0..<max(0, end), path: path) } catch {
      canShrink = false
      throw error
    }
  }
}

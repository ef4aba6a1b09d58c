import VirbyKit

/// The file beside a disk that says that its machine has not ended cleanly: `DISK.unclean`.
///
/// It is there, on the disk of the host, from before the driver starts until the guest has powered off. So it
/// is there after a power cut too, and when this process or the driver was killed. Its first line is the
/// reason. Nothing rests on it but a sentence: whatever happens to it, the machine starts.
struct UncleanMark {
  private let disk: String
  private let log: Diagnostics
  /// What stood there before; nil if nothing did.
  private let before: String?
  private var path: String { "\(disk).unclean" }

  /// - Parameter disk: The disk's real path. It must be locked.
  init(disk: String, log: Diagnostics) {
    self.disk = disk
    self.log = log
    let path = "\(disk).unclean"
    before = Path.kind(path) == nil ? nil : Self.reason(in: path) ?? ""
  }

  /// Says how the last run ended, if it did not end cleanly.
  func report() {
    guard let before else { return }
    let reason = before.isEmpty ? "" : " (\(before))"
    log.warn(
      "the last run of '\(disk)' did not end cleanly\(reason); "
        + "the guest will check its file systems")
  }

  /// Puts the mark there before the driver starts; if that cannot be started, nothing has happened.
  func set(_ start: () throws(Failure) -> Child) throws(Failure) -> Child {
    write("virby-boot or the host went down first")
    do throws(Failure) { return try start() } catch {
      restore()
      throw error
    }
  }

  /// Keeps the mark, with a reason that is known now.
  func keep(_ reason: String) { write(reason) }

  /// Takes the mark away: the guest has powered off.
  func clear() {
    // A file system that is read-only refuses to remove even what is not there.
    if Path.kind(path) == nil { return }
    let code = Path.remove(path)
    if code != 0 { log.warn("cannot remove '\(path)': \(Failure.reason(code))") }
  }

  /// Leaves things as they were: the guest never ran.
  func restore() {
    if let before { write(before) } else { clear() }
  }

  private static func reason(in path: String) -> String? {
    guard Path.kind(path) == .file,
      let file = try? Descriptor.openExisting(path, following: false),
      let line = try? file.bytes(count: 200, at: 0, path: path).prefix(while: { $0 != 10 }),
      !line.isEmpty
    else { return nil }
    return String(decoding: line, as: UTF8.self)
  }

  /// By rename(2), which replaces a symbolic link and does not follow it.
  private func write(_ reason: String) {
    do throws(Failure) {
      let file = try AtomicFile(path: path, mode: 0o600)
      let code = writeAll(Array("\(reason)\n".utf8), to: file.descriptor.raw)
      if code != 0 { throw .system("cannot write '\(path)'", code) }
      try file.commit(replacing: true)
    } catch {
      log.warn("the next start will not know how this run ended: \(error.message)")
    }
  }
}

import VirbyKit

/// What the guest sees of a key set, and of its settings: a copy in the control folder, made anew at each start.
///
/// The virtio-fs of vfkit and krunkit cannot be read-only, so the guest could write into the set itself.
/// Nobody reads the copy back, and it goes with the machine. Where files can be immutable, on macOS, the copy
/// is: virtio-fs has no request that would change that, so the guest cannot fill the host's disk either.
struct GuestKeys {
  /// The most files that are copied, and the most bytes that one may have.
  static let limits = (files: 64, bytes: 1 << 20)

  /// The folder of the copy.
  let folder: String

  /// The place of the copy.
  init(in control: ControlFolder) { folder = Path.join(control.path, "keys") }

  /// Copies what is in the folder `guest` of a key set, and in a folder of settings: the regular files that lie directly
  /// in them.
  ///
  /// Call it with the disk locked, which proves that no guest has the copy of an earlier run.
  ///
  /// - Parameters:
  ///   - set: The set's folder; nil makes no copy. One that a killed run has left is removed.
  ///   - settings: The folder of settings, where no name is a key's.
  /// - Throws: 71.
  func make(of set: String?, with settings: String?, log: Diagnostics) throws(Failure) {
    if Path.kind(folder) != nil { try Path.removeTree(folder) }
    guard let set else { return }
    let keys = try Folder(Path.real("\(set)/guest"))
    let others = try settings.map { (path) throws(Failure) in try Folder(Path.real(path)) }
    try Path.makePrivateFolder(folder)
    let copy = try Folder(folder)
    var names: Set<String> = []
    if !(try add(keys, to: copy, beside: &names)) { warn(of: keys, log: log) }
    if let others, !(try add(others, to: copy, beside: &names, withKeys: false)) {
      warn(of: others, log: log)
    }
    Path.makeImmutable(folder)
  }

  /// Copies the files of one folder.
  ///
  /// - Returns: Whether they are all that is in it.
  private func add(
    _ source: Folder, to copy: Folder, beside names: inout Set<String>, withKeys: Bool = true
  ) throws(Failure) -> Bool {
    var isWhole = true
    for name in try source.names().sorted(by: Self.precedes) {
      guard names.count < Self.limits.files, withKeys || !Self.isKey(name), !names.contains(name),
        let bytes = try Self.read(name, in: source)
      else {
        isWhole = false
        continue
      }
      let path = Path.join(folder, name)
      let file = try copy.make(name, mode: 0o600, name: path)
      let code = withExtendedLifetime(file) { writeAll(bytes, to: file.raw) }
      if code != 0 { throw .system("cannot write '\(path)'", code) }
      Path.makeImmutable(path)
      names.insert(name)
    }
    return isWhole
  }

  /// Removes the copy; for when the driver has ended.
  func remove(log: Diagnostics) {
    guard Path.kind(folder) != nil else { return }
    do throws(Failure) { try Path.removeTree(folder) } catch { log.warn(error.message) }
  }

  private func warn(of source: Folder, log: Diagnostics) {
    log.warn(
      "the guest does not get everything in '\(source.path)': only regular files, "
        + "at most \(Self.limits.files), "
        + "each of at most \(ByteSize(bytes: Int64(Self.limits.bytes)))")
  }

  /// Keys come first: whatever else is there, they are among the files that are copied.
  private static func precedes(_ name: String, _ other: String) -> Bool {
    let (isKey, isOtherKey) = (isKey(name), isKey(other))
    return isKey == isOtherKey ? name < other : isKey
  }

  private static func isKey(_ name: String) -> Bool { name.hasPrefix("ssh_") }

  /// - Returns: nil if it is not copied.
  private static func read(_ name: String, in source: Folder) throws(Failure) -> [UInt8]? {
    guard try source.kind(name) == .file else { return nil }
    let bytes = try source.file(name)
      .bytes(count: limits.bytes + 1, at: 0, path: "\(source.path)/\(name)")
    return bytes.count > limits.bytes ? nil : bytes
  }
}

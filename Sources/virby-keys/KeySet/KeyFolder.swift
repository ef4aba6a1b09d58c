import VirbyKit

/// The folder of a key set: open, found safe, and locked against other virby-keys.
final class KeyFolder {
  static let ensureHint = "'virby-keys ensure' makes the set complete"

  /// Its name as it was given, without slashes at the end.
  let path: String
  let descriptor: Descriptor
  private let lock: FileLock
  private let made: Bool

  /// Opens the folder and waits up to ten seconds for its lock.
  ///
  /// - Parameter making: Whether to make it, with mode 0700, if it is not there.
  /// - Throws: 1 if it is not there, 65 if it is no safe place for keys, 75 if its lock is held, 71.
  init(_ name: String, making: Bool) throws(Failure) {
    // With a slash at the end the kernel would follow a symbolic link.
    var bare = name[...]
    while bare.count > 1, bare.hasSuffix("/") { bare.removeLast() }
    path = String(bare)
    try Self.guardPlace(path, making: making)
    // All that is made gets its mode at creation; a umask could only take away from it.
    umask(0)
    made = making ? try Self.make(path) : false
    descriptor = try Self.open(path)
    lock = try FileLock(
      descriptor, path: path, until: .now + .seconds(10), hint: "another virby-keys is at work")
    try Self.guardOwner(descriptor, path: path)
    if let guest = try openFolder(KeySetFile.guest) {
      try Self.guardOwner(guest, path: "\(path)/\(KeySetFile.guest)")
    }
  }

  // rmdir(2) leaves a folder alone that has come to hold a key set.
  deinit { if made { rmdir(path) } }

  /// The path of a file, for messages.
  func name(of file: KeySetFile) -> String { "\(path)/\(file.rawValue)" }

  /// Reads a file.
  ///
  /// - Returns: nil if it is not there.
  /// - Throws: 65 if it is a symbolic link or no regular file, 71 if it cannot be read.
  func read(_ file: KeySetFile) throws(Failure) -> KeyFile? {
    let name = name(of: file)
    var status = stat()
    if fstatat(descriptor.raw, file.rawValue, &status, AT_SYMLINK_NOFOLLOW) != 0 {
      if errno == ENOENT { return nil }
      throw .system("cannot read the key '\(name)'")
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw Failure(.malformed, "cannot use the key '\(name)': it is no regular file")
    }
    let raw = openat(descriptor.raw, file.rawValue, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    if raw < 0 { throw .system("cannot read the key '\(name)'") }
    return try KeyFile(Descriptor(owning: raw), subject: "the key '\(name)'")
  }

  /// Opens a folder in it.
  ///
  /// - Returns: nil if it is not there.
  /// - Throws: 65 if it is a symbolic link or no folder, 71 if it cannot be opened.
  func openFolder(_ name: String) throws(Failure) -> Descriptor? {
    let raw = openat(descriptor.raw, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    if raw >= 0 { return Descriptor(owning: raw) }
    switch errno {
    case ENOENT: return nil
    case ENOTDIR, ELOOP: throw Self.refusal("\(path)/\(name)", "it is no real folder")
    default: throw .system("cannot open the folder '\(path)/\(name)'")
    }
  }
}

extension KeyFolder {
  /// Refuses the Nix store, where everyone can read, by the real path of the folder that it lies in.
  private static func guardPlace(_ path: String, making: Bool) throws(Failure) {
    let (parent, name) = Path.split(path)
    guard let real = realpath(parent, nil) else {
      if errno == ENOENT && !making { throw missing(path) }
      throw .system("cannot \(making ? "make" : "open") the folder '\(path)'")
    }
    defer { free(real) }
    if isStorePath("\(String(cString: real))/\(name)") {
      throw refusal(path, "everyone can read the Nix store")
    }
  }

  /// Whether a real path lies in the Nix store or is the store.
  static func isStorePath(_ path: String) -> Bool {
    "\(path)/".hasPrefix("/nix/store/")
  }

  /// - Returns: false if it is there already.
  private static func make(_ path: String) throws(Failure) -> Bool {
    if mkdir(path, 0o700) != 0 {
      if errno == EEXIST { return false }
      throw .system("cannot make the folder '\(path)'")
    }
    try synchronizeFolder(of: path)
    return true
  }

  private static func open(_ path: String) throws(Failure) -> Descriptor {
    var status = stat()
    if lstat(path, &status) != 0 {
      if errno == ENOENT { throw missing(path) }
      throw .system("cannot open the folder '\(path)'")
    }
    if status.st_mode & S_IFMT != S_IFDIR { throw refusal(path, "it is no real folder") }
    return try Descriptor.open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
  }

  private static func guardOwner(_ descriptor: Descriptor, path: String) throws(Failure) {
    var status = stat()
    if fstat(descriptor.raw, &status) != 0 { throw .system("cannot open the folder '\(path)'") }
    guard status.st_uid == geteuid() || status.st_uid == 0 else {
      throw refusal(path, "it belongs to user \(status.st_uid)", hint: "run as that user")
    }
    if status.st_mode & 0o22 != 0 {
      throw refusal(
        path, "others may write to it", hint: "take their rights away with 'chmod go-w'")
    }
  }

  private static func missing(_ path: String) -> Failure {
    Failure(.no, "'\(path)' does not exist", hint: ensureHint)
  }

  static func refusal(_ path: String, _ reason: String, hint: String? = nil) -> Failure {
    Failure(.malformed, "cannot keep keys in '\(path)': \(reason)", hint: hint)
  }
}

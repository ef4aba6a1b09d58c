import VirbyKit

/// The folder of a key set: open, found safe, and locked against other virby-keys.
final class KeyFolder {
  static let ensureHint = "'virby-keys ensure' makes the set complete"

  /// Its name as it was given, without slashes at the end.
  let path: String
  let folder: Folder
  /// What is wrong with the guest's folder, if it cannot be used as it is.
  let guestFlaw: GuestFlaw?
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
    Self.clearMask()
    made = making ? try Self.make(path) : false
    folder = try Self.open(path)
    lock = try FileLock(
      folder.descriptor, path: path, until: .now + .seconds(10),
      hint: "another virby-keys is at work")
    try Self.guardOwner(folder)
    guestFlaw = try GuestFlaw(in: folder)
  }

  // rmdir(2) leaves a folder alone that has come to hold a key set.
  deinit { if made { Path.removeFolder(path) } }

  /// The path of a file, for messages.
  func name(of file: KeySetFile) -> String { "\(path)/\(file.rawValue)" }

  /// Reads a file.
  ///
  /// - Returns: nil if it is not there.
  /// - Throws: 65 if it is a symbolic link or not a regular file, 71 if it cannot be read.
  func read(_ file: KeySetFile) throws(Failure) -> KeyFile? {
    if file.isGuests, let guestFlaw {
      throw Self.refusal("\(path)/\(KeySetFile.guest)", guestFlaw.rawValue)
    }
    let name = name(of: file)
    switch try folder.kind(file.rawValue) {
    case .file: return try KeyFile(folder.file(file.rawValue), subject: "the key '\(name)'")
    case nil: return nil
    default: throw Failure(.malformed, "cannot use the key '\(name)': it is not a regular file")
    }
  }
}

extension KeyFolder {
  /// Refuses the Nix store, where everyone can read, by the real path of the folder that it lies in.
  private static func guardPlace(_ path: String, making: Bool) throws(Failure) {
    let (parent, name) = Path.split(path)
    guard Path.exists(parent) else {
      // mkdir(2) will say why not.
      if making { return }
      throw missing(path)
    }
    if isStorePath("\(try Path.real(parent))/\(name)") {
      throw refusal(path, "everyone can read the Nix store")
    }
  }

  /// Whether a real path lies in the Nix store or is the store.
  static func isStorePath(_ path: String) -> Bool {
    "\(path)/".hasPrefix("/nix/store/")
  }

  private static func open(_ path: String) throws(Failure) -> Folder {
    switch Path.kind(path) {
    case nil: throw missing(path)
    case .folder: return try Folder(path)
    default: throw refusal(path, "it is not a directory")
    }
  }

  static func guardOwner(_ folder: Folder) throws(Failure) {
    let path = folder.path
    let owner = try Ownership(of: folder.descriptor, orFail: "cannot open the folder '\(path)'")
    guard owner.isOurs || owner.user == 0 else {
      throw refusal(path, "it belongs to user \(owner.user)", hint: "run as that user")
    }
    let hasKey = try folder.kind("ssh_host_ed25519_key") == .file
    if owner.permissions & 0o22 != 0 {
      throw refusal(
        path, "others may write to it",
        hint: owner.isOurs && hasKey
          ? "run: chmod go-w \(shellQuoted(path))"
          : "name a folder for the keys alone; it is made")
    }
  }

  private static func missing(_ path: String) -> Failure {
    if Path.isHidden(path) {
      return Failure(
        .system, "cannot open the folder '\(path)': Permission denied", hint: "run as its owner")
    }
    return Failure(.no, "'\(path)' does not exist", hint: ensureHint)
  }

  static func refusal(_ path: String, _ reason: String, hint: String? = nil) -> Failure {
    Failure(.malformed, "cannot keep keys in '\(path)': \(reason)", hint: hint)
  }
}

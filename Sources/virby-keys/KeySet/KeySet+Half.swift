import VirbyKit

extension KeySet {
  /// One of a set's private keys, its file's content, and what has to be done to have it in its place.
  struct Half {
    let key: PrivateKey
    let text: SecureBytes
    private(set) var repair: Repair?

    /// Whether another half is of the same key.
    func isSameKey(as other: Half?) -> Bool {
      other.map { key.publicKey.isSameKey(as: $0.key.publicKey) } ?? false
    }
  }
}

extension KeySet.Half {
  /// The private key in a file.
  ///
  /// - Returns: nil if it is not there.
  /// - Throws: 65 if it cannot be used.
  init?(_ file: KeySetFile, in folder: KeyFolder) throws(Failure) {
    guard let found = try folder.read(file) else { return nil }
    self.init(key: try found.privateKey(), text: found.text)
  }

  /// The guest's copy of the host key, or nil if it is not there or is damaged.
  private static func guests(in folder: KeyFolder) throws(Failure) -> Self? {
    guard let found = try folder.read(.guestHostKey) else { return nil }
    guard let key = try? PrivateKey(text: found.text) else { return nil }
    return Self(key: key, text: found.text)
  }

  /// The private key in a file, or in the guest's copy of it, or a new one if no trace of one is left.
  ///
  /// - Parameter next: The key that follows: during a rotation the guest's copy may be one of it.
  /// - Throws: 65 if it cannot be used, or is lost.
  static func current(
    _ file: KeySetFile, before next: Self? = nil, in folder: KeyFolder, alias: HostAlias
  ) throws(Failure) -> Self {
    if let half = try Self(file, in: folder) { return half }
    if file == .hostKey, var copy = try guests(in: folder), !copy.isSameKey(as: next) {
      copy.repair = Repair(
        file: file, source: .text(copy.text), reason: "is missing, but the guest has a copy")
      return copy
    }
    let remains: [KeySetFile] =
      file == .userKey
      ? [.userPublic, .guestUserPublic] : [.hostPublic, .guestHostKey, .knownHosts]
    for trace in remains where try folder.read(trace) != nil {
      throw Failure(
        .malformed,
        "'\(folder.name(of: file))' is lost: '\(folder.name(of: trace))' is still there",
        hint: "restore it, or remove what is left of it to get a new key")
    }
    return try make(file, alias: alias)
  }

  /// The next private key in the place of the one that it follows, or that one if there is none.
  ///
  /// - Throws: 65 if it cannot be used, or is lost.
  static func last(
    _ next: Self?, _ file: KeySetFile, in folder: KeyFolder, alias: HostAlias
  ) throws(Failure) -> Self {
    guard var half = next, let successor = file.successor else {
      return try current(file, in: folder, alias: alias)
    }
    half.repair = Repair(file: file, source: .successor(successor), reason: "has a successor")
    return half
  }

  /// The next private key, or a new one.
  ///
  /// - Throws: 71 if there is no randomness, 69 if libcrypto fails.
  static func next(_ half: Self?, _ file: KeySetFile, alias: HostAlias) throws(Failure) -> Self {
    if let half { return half }
    return try make(file, alias: alias)
  }

  /// A new private key.
  ///
  /// - Throws: 71 if there is no randomness, 69 if libcrypto fails.
  static func make(_ file: KeySetFile, alias: HostAlias) throws(Failure) -> Self {
    let isUsers = file == .userKey || file == .nextUserKey
    let key = try PrivateKey.make(comment: isUsers ? "builder@\(alias.name)" : alias.name)
    let text = try key.text()
    return Self(
      key: key, text: text, repair: Repair(file: file, source: .text(text), reason: "is missing"))
  }
}

import VirbyKit

/// A builder's host key and user key, and what a folder lacks of them.
///
/// The two private keys are the set; everything else follows from them and can be written again. So
/// making a set, completing one whose making was cut short and healing a damaged one are the same, and
/// no order of deaths can mix two sets.
struct KeySet {
  /// The line of `ssh_known_hosts`.
  let knownHostsLine: String
  /// What has to be written to complete the set; empty if it is complete.
  private(set) var repairs: [Repair] = []

  /// Looks a folder through. Private keys that have to be made are made here, in memory.
  ///
  /// - Throws: 65 if a private key is lost, or one that is there cannot be used.
  init(in folder: KeyFolder, alias: HostAlias) throws(Failure) {
    let copy = try Self.guestCopy(in: folder)
    let host = try Self.original(
      .hostKey, in: folder, copy: copy,
      remains: [.hostPublic, .guestHostKey, .knownHosts], comment: alias.name)
    let user = try Self.original(
      .userKey, in: folder, copy: nil,
      remains: [.userPublic, .guestUserPublic], comment: "builder@\(alias.name)")
    if let copy, !copy.key.publicKey.isSameKey(as: host.key.publicKey) {
      throw Failure(
        .malformed,
        "'\(folder.name(of: .guestHostKey))' is another key than '\(folder.name(of: .hostKey))'",
        hint: "keep the one that the guest uses, and remove the other")
    }
    knownHostsLine = alias.knownHostsLine(host.key.publicKey)

    for (file, half) in [(KeySetFile.hostKey, host), (.userKey, user)] {
      if let reason = half.reason {
        repairs.append(Repair(file: file, text: half.text, reason: reason))
      }
    }
    try repairLine(.hostPublic, in: folder, host.key.publicKey)
    try repairLine(.userPublic, in: folder, user.key.publicKey)
    try repair(.guestHostKey, in: folder, with: host.text) { copy != nil && !$0.isExposed }
    try repairLine(.guestUserPublic, in: folder, user.key.publicKey)
    let line = SecureBytes("\(knownHostsLine)\n".utf8)
    try repair(.knownHosts, in: folder, with: line) { $0.text.elementsEqual(line) }
  }

  private mutating func repairLine(
    _ file: KeySetFile, in folder: KeyFolder, _ key: PublicKey
  ) throws(Failure) {
    try repair(file, in: folder, with: SecureBytes("\(key.line)\n".utf8)) { found in
      // Another comment does no harm.
      (try? found.publicKey())?.isSameKey(as: key) ?? false
    }
  }

  private mutating func repair(
    _ file: KeySetFile, in folder: KeyFolder, with text: SecureBytes, unless fits: (KeyFile) -> Bool
  ) throws(Failure) {
    guard let found = try folder.read(file) else {
      repairs.append(Repair(file: file, text: text, reason: "is missing"))
      return
    }
    if fits(found) { return }
    repairs.append(Repair(file: file, text: text, reason: "does not fit"))
  }
}

extension KeySet {
  /// One of the two private keys, its file, and why that has to be written, if it has.
  private struct Half {
    let key: PrivateKey
    let text: SecureBytes
    var reason: String?
  }

  /// The private key in a file, or from the guest's copy, or a new one if no trace of one is left.
  private static func original(
    _ file: KeySetFile, in folder: KeyFolder, copy: Half?, remains: [KeySetFile], comment: String
  ) throws(Failure) -> Half {
    if let found = try folder.read(file) {
      return Half(key: try found.privateKey(), text: found.text)
    }
    if var copy {
      copy.reason = "is missing, but the guest has a copy"
      return copy
    }
    for trace in remains where try folder.read(trace) != nil {
      throw Failure(
        .malformed,
        "'\(folder.name(of: file))' is lost: '\(folder.name(of: trace))' is still there",
        hint: "restore it, or remove what is left of it to get a new key")
    }
    let key = try PrivateKey.make(comment: comment)
    return Half(key: key, text: try key.text(), reason: "is missing")
  }

  /// The guest's copy of the host key, or nil if it is not there or is damaged.
  private static func guestCopy(in folder: KeyFolder) throws(Failure) -> Half? {
    guard let found = try folder.read(.guestHostKey) else { return nil }
    guard let key = try? PrivateKey(text: found.text) else { return nil }
    return Half(key: key, text: found.text)
  }
}

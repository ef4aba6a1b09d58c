import VirbyKit

/// A builder's host key and user key, during a rotation also the next ones, and what a folder lacks of
/// them.
///
/// The private keys are the set; everything else follows from them and can be written again. So making
/// a set, completing one whose making or rotation was cut short and healing a damaged one are the same,
/// and no order of deaths can mix two sets.
struct KeySet {
  /// How far a rotation has come.
  let rotation: Rotation
  /// The content of `ssh_known_hosts`, without the last line feed.
  let knownHosts: String
  /// What has to be written to complete the set; empty if it is complete.
  private(set) var repairs: [Repair] = []

  /// Looks a folder through. Private keys that have to be made are made here, in memory.
  ///
  /// - Parameter aim: The state that the repairs lead to, `none` or `underWay`; by default what the set
  ///   is in, or was on its way to.
  /// - Throws: 65 if a private key is lost, or one that is there cannot be used.
  init(in folder: KeyFolder, alias: HostAlias, aim: Rotation? = nil) throws(Failure) {
    let nextUser = try Half(.nextUserKey, in: folder)
    let nextHost = try Half(.nextHostKey, in: folder)
    rotation = Rotation(hasNextUserKey: nextUser != nil, hasNextHostKey: nextHost != nil)

    let user: [Half]
    let host: [Half]
    switch aim ?? rotation.aim {
    case .none, .finishing:
      user = [try .last(nextUser, .userKey, in: folder, alias: alias)]
      host = [try .last(nextHost, .hostKey, in: folder, alias: alias)]
    case .beginning, .underWay:
      user = [
        try .current(.userKey, in: folder, alias: alias),
        try .next(nextUser, .nextUserKey, alias: alias),
      ]
      host = [
        try .current(.hostKey, before: nextHost, in: folder, alias: alias),
        try .next(nextHost, .nextHostKey, alias: alias),
      ]
    }
    knownHosts = host.map { alias.knownHostsLine($0.key.publicKey) }.joined(separator: "\n")

    repairs = (host.prefix(1) + user + host.dropFirst()).compactMap(\.repair)
    try repair(.hostPublic, in: folder, with: host.prefix(1))
    try repair(.userPublic, in: folder, with: user.prefix(1))
    let lines = SecureBytes("\(knownHosts)\n".utf8)
    try repair(.knownHosts, in: folder, with: lines) { $0.text.elementsEqual(lines) }
    try repair(.guestUserPublic, in: folder, with: user[...])
    let last = host[host.count - 1]
    try repair(.guestHostKey, in: folder, with: last.text) { found in
      let key = try? found.privateKey()
      return key.map { $0.publicKey.isSameKey(as: last.key.publicKey) } ?? false
    }
  }

  private mutating func repair(
    _ file: KeySetFile, in folder: KeyFolder, with halves: ArraySlice<Half>
  ) throws(Failure) {
    let keys = halves.map(\.key.publicKey)
    let text = SecureBytes(keys.map { "\($0.line)\n" }.joined().utf8)
    try repair(file, in: folder, with: text) { found in
      // Another comment does no harm.
      guard let found = try? found.publicKeys() else { return false }
      return found.elementsEqual(keys) { $0.isSameKey(as: $1) }
    }
  }

  private mutating func repair(
    _ file: KeySetFile, in folder: KeyFolder, with text: SecureBytes, unless fits: (KeyFile) -> Bool
  ) throws(Failure) {
    var reason = "is missing"
    do throws(Failure) {
      if let found = try folder.read(file) {
        if fits(found) { return }
        reason = "does not fit"
      }
    } catch {
      // A guest may have written there: whatever it is, the host's own keys decide what belongs there.
      guard file.isGuests else { throw error }
      reason = "does not fit"
    }
    repairs.append(Repair(file: file, source: .text(text), reason: reason))
  }
}

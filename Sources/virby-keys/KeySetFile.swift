import VirbyKit

/// The files of a key set, in the order in which they appear in the folder: what follows from a private
/// key comes after it, and `ssh_known_hosts` says by being there that the set is complete.
enum KeySetFile: String, CaseIterable {
  case hostKey = "ssh_host_ed25519_key"
  case userKey = "ssh_user_ed25519_key"
  case hostPublic = "ssh_host_ed25519_key.pub"
  case userPublic = "ssh_user_ed25519_key.pub"
  case guestHostKey = "guest/ssh_host_ed25519_key"
  case guestUserPublic = "guest/ssh_user_ed25519_key.pub"
  case knownHosts = "ssh_known_hosts"

  /// The folder that is shared with the guest.
  static let guest = "guest"

  /// Whether the file lies in it.
  var isGuests: Bool { self == .guestHostKey || self == .guestUserPublic }

  /// Whether the file is one of the two that all others follow from.
  var isOriginal: Bool { self == .hostKey || self == .userKey }

  /// The name without its folder.
  var baseName: String { Path.split(rawValue).name }

  /// The permissions it is made with.
  var mode: UInt16 {
    switch self {
    case .hostKey, .userKey, .guestHostKey: 0o600
    case .hostPublic, .userPublic, .guestUserPublic, .knownHosts: 0o644
    }
  }
}

/// A file of a key set that has to be written, and why: "it `reason`".
struct Repair {
  let file: KeySetFile
  let text: SecureBytes
  let reason: String
}

import VirbyKit

/// The files of a key set, in the order in which they change in the folder: what follows from a private
/// key comes after it, and the guest gets no key before the host knows it.
enum KeySetFile: String, CaseIterable {
  case userKey = "ssh_user_ed25519_key"
  case hostKey = "ssh_host_ed25519_key"
  case nextUserKey = "ssh_user_ed25519_key.next"
  case nextHostKey = "ssh_host_ed25519_key.next"
  case userPublic = "ssh_user_ed25519_key.pub"
  case hostPublic = "ssh_host_ed25519_key.pub"
  case knownHosts = "ssh_known_hosts"
  case guestUserPublic = "guest/ssh_user_ed25519_key.pub"
  case guestHostKey = "guest/ssh_host_ed25519_key"

  /// The folder that is shared with the guest.
  static let guest = "guest"

  /// Whether the file lies in it.
  var isGuests: Bool { self == .guestHostKey || self == .guestUserPublic }

  /// Whether the file is a private key that others follow from.
  var isOriginal: Bool {
    switch self {
    case .userKey, .hostKey, .nextUserKey, .nextHostKey: true
    case .userPublic, .hostPublic, .knownHosts, .guestUserPublic, .guestHostKey: false
    }
  }

  /// The file that takes the place of this one at the end of a rotation.
  var successor: KeySetFile? {
    switch self {
    case .userKey: .nextUserKey
    case .hostKey: .nextHostKey
    default: nil
    }
  }

  /// The public half that ssh(1) looks for beside a private key.
  var publicHalf: KeySetFile? {
    switch self {
    case .userKey: .userPublic
    case .hostKey: .hostPublic
    default: nil
    }
  }

  /// The name without its folder.
  var baseName: String { Path.split(rawValue).name }

  /// The permissions it is made with.
  var mode: UInt16 {
    switch self {
    case .userKey, .hostKey, .nextUserKey, .nextHostKey, .guestHostKey: 0o600
    case .userPublic, .hostPublic, .knownHosts, .guestUserPublic: 0o644
    }
  }
}

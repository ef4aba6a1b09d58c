/// Why some bytes are not a key that we can use: a reason to stand behind "cannot use key 'x': ".
struct MalformedKey: Error, Equatable {
  /// The reason, lower case, without full stop.
  let reason: String
  /// One remedy, if there is one.
  let hint: String?

  /// A reason and its remedy.
  init(_ reason: String, hint: String? = nil) {
    self.reason = reason
    self.hint = hint
  }

  /// The file ends early.
  static let cutShort = MalformedKey("it is cut short")

  /// The key is of another type than ED25519. The type's name comes from the file and is not repeated.
  static func otherType(_ name: some Sequence<UInt8>) -> MalformedKey {
    let name = String(decoding: Array(name), as: UTF8.self)
    let kind =
      switch name {
      case "ssh-rsa": "an RSA key"
      case "ssh-dss": "a DSA key"
      case _ where name.hasPrefix("ecdsa-sha2-"): "an ECDSA key"
      case _ where name.hasPrefix("sk-"): "a key of a security token"
      default: "a key of an unknown type"
      }
    return MalformedKey("it is \(kind), not ED25519", hint: "make one with 'ssh-keygen -t ed25519'")
  }
}

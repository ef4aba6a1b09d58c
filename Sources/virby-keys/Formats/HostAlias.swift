import ArgumentParser
import VirbyKit

/// The name that a known_hosts line gives a key: a `HostKeyAlias`, a host name, or `[host]:port`.
struct HostAlias: Equatable {
  /// The name of Virby's guest.
  static let standard = HostAlias(unchecked: "virby-vm")

  /// The name, printable ASCII that means nothing but itself in a known_hosts file.
  let name: String

  private init(unchecked name: String) {
    self.name = name
  }

  /// Takes a name that ssh(1) reads as one plain name.
  ///
  /// - Returns: nil for a name with spaces, control or non-ASCII bytes, or with a character that sshd(8)
  ///   gives a meaning in known_hosts: wildcards, lists, negation, hashes, markers, comments.
  init?(_ name: String) {
    let bytes = Array(name.utf8)
    guard let first = bytes.first, bytes.count <= 255 else { return nil }
    guard bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else { return nil }
    guard !bytes.contains(where: ",*?".utf8.contains), !"!|@#".utf8.contains(first) else {
      return nil
    }
    if bytes.contains(where: "[]".utf8.contains), !Self.isBracketed(name) { return nil }
    self.name = name
  }

  /// Whether it is `[host]:port`.
  private static func isBracketed(_ name: String) -> Bool {
    let parts = name.dropFirst().split(separator: "]", omittingEmptySubsequences: false)
    guard name.hasPrefix("["), parts.count == 2, !parts[0].isEmpty else { return false }
    guard !parts[0].contains("["), parts[1].hasPrefix(":") else { return false }
    let digits = parts[1].dropFirst()
    guard digits.allSatisfy({ $0.isNumber }), let port = UInt16(digits) else { return false }
    return port > 0
  }

  /// The line that gives this name a key, without the line feed and the key's comment.
  func knownHostsLine(_ key: PublicKey) -> String {
    "\(name) \(key.typeAndBlob)"
  }

  /// The name as `HashKnownHosts` writes it, with a new salt: `|1|salt|HMAC-SHA1` (openssh hostfile.c).
  ///
  /// It is hashed in lower case, for so ssh(1) looks it up.
  ///
  /// - Throws: 71 if there is no randomness, 69 if libcrypto fails.
  func hashed() throws(Failure) -> String {
    let salt = try SecureBytes.random(HMACSHA1.length)
    return "|1|\(try hash(salt: salt))"
  }

  /// The salt and the hash, in base64.
  ///
  /// - Throws: 69 if libcrypto fails.
  func hash(salt: SecureBytes) throws(Failure) -> String {
    guard let code = HMACSHA1.code(of: Array(name.lowercased().utf8), key: salt) else {
      throw Failure(.unavailable, "libcrypto cannot calculate an HMAC-SHA1")
    }
    return [salt, SecureBytes(code)]
      .map { String(decoding: Base64.encode($0), as: UTF8.self) }.joined(separator: "|")
  }
}

extension HostAlias: ExpressibleByArgument {
  /// A name on the command line.
  init?(argument: String) {
    let parts = argument.split(separator: ":", omittingEmptySubsequences: false)
    // ssh(1) would not look that up.
    if parts.count == 2, !argument.hasPrefix("["), UInt16(parts[1]) != nil {
      let form = "write '[\(parts[0])]:\(parts[1])', as ssh does for a port other than 22"
      _ = RightForm.of(Self?.none, form)
      return nil
    }
    guard
      let alias = RightForm.of(
        Self(argument), "write one plain name, such as virby-vm or [HOST]:PORT")
    else { return nil }
    self = alias
  }

  /// The default as the help shows it.
  var defaultValueDescription: String { name }
}

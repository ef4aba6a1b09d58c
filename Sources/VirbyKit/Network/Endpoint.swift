import ArgumentParser

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// Where a stream socket listens or is reached: an IP address and a port, or a path.
///
/// Addresses are literal; names are never looked up, for `localhost` is two addresses and a resolver
/// is one more thing that can hang.
public enum Endpoint: Hashable, Sendable {
  /// An IPv4 or IPv6 address in the form of inet_ntop(3), and a port.
  case tcp(address: String, port: UInt16)
  /// A socket in the file system.
  case unix(path: String)

  /// Reads `127.0.0.1:31222`, `[::1]:22`, either with `tcp:` before it, or `unix:/path`.
  ///
  /// - Parameter anyPort: Whether port 0 is read: the system picks one when a socket listens there.
  public init?(_ text: String, anyPort: Bool = false) {
    // Of bytes: as a Character a colon and a combining mark after it are no colon.
    if text.utf8.starts(with: "unix:".utf8) {
      let path = String(Substring(text.utf8.dropFirst(5)))
      guard !path.isEmpty, !path.utf8.contains(0) else { return nil }
      self = .unix(path: path)
      return
    }
    let bare = text.hasPrefix("tcp:") ? text.dropFirst(4) : text[...]
    guard let colon = bare.lastIndex(of: ":") else { return nil }
    let digits = bare[bare.index(after: colon)...]
    guard digits.allSatisfy({ $0.isASCII && $0.isNumber }), let port = UInt16(digits),
      port > 0 || anyPort
    else { return nil }
    var host = bare[..<colon]
    let bracketed = host.hasPrefix("[") && host.hasSuffix("]")
    if bracketed { host = host.dropFirst().dropLast() }
    guard let address = Self.canonical(String(host), family: bracketed ? AF_INET6 : AF_INET) else {
      return nil
    }
    self = .tcp(address: address, port: port)
  }

  /// The one spelling that inet_ntop(3) gives an address, or nil if inet_pton(3) does not read it.
  public static func canonical(_ address: String, family: Int32 = AF_INET) -> String? {
    // C would stop reading at a NUL, and take what stands before it.
    guard !address.utf8.contains(0) else { return nil }
    var bytes = [UInt8](repeating: 0, count: 16)
    guard inet_pton(family, address, &bytes) == 1 else { return nil }
    let room = Int(INET6_ADDRSTRLEN)
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: room) { text in
      inet_ntop(family, bytes, text.baseAddress, socklen_t(room)).map { String(cString: $0) }
    }
  }

  /// The most bytes that a socket's path may have: `sun_path` less a NUL, 103 on Darwin, 107 on Linux.
  public static let maximumPathLength = MemoryLayout.size(ofValue: sockaddr_un().sun_path) - 1

  /// Whether only this machine can reach it: 127/8, ::1, or a path.
  public var isLocal: Bool {
    switch self {
    case .tcp(let address, _): address.hasPrefix("127.") || address == "::1"
    case .unix: true
    }
  }
}

extension Endpoint {
  /// The form that people type: `127.0.0.1:31222`, `unix:/path`.
  public var operand: String {
    switch self {
    case .tcp: String(description.dropFirst(4))
    case .unix: description
    }
  }
}

extension Endpoint: CustomStringConvertible {
  /// The form that event lines carry: `tcp:127.0.0.1:40022`, `unix:/path`.
  public var description: String {
    switch self {
    case .tcp(let address, let port):
      address.contains(":") ? "tcp:[\(address)]:\(port)" : "tcp:\(address):\(port)"
    case .unix(let path): "unix:\(path)"
    }
  }
}

extension Endpoint: ExpressibleByArgument {
  /// An endpoint on the command line.
  public init?(argument: String) {
    self.init(argument)
  }
}

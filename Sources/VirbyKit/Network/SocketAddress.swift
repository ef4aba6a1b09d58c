#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// An endpoint in the form that the kernel takes and gives: a `sockaddr` and its length.
struct SocketAddress {
  private var storage = sockaddr_storage()
  private(set) var length = socklen_t(MemoryLayout<sockaddr_storage>.size)

  /// `AF_INET`, `AF_INET6` or `AF_UNIX`.
  var family: Int32 { Int32(storage.ss_family) }

  /// An address that a call such as getsockname(2) is going to fill in.
  init() {}

  /// The address of an endpoint.
  ///
  /// - Throws: 64 if a path is longer than `sun_path` (104 bytes on Darwin, 108 on Linux, NUL included).
  init(_ endpoint: Endpoint) throws(Failure) {
    switch endpoint {
    case .tcp(let address, let port) where address.contains(":"):
      var value = sockaddr_in6()
      value.sin6_family = sa_family_t(AF_INET6)
      value.sin6_port = port.bigEndian
      inet_pton(AF_INET6, address, &value.sin6_addr)
      store(value)
    case .tcp(let address, let port):
      var value = sockaddr_in()
      value.sin_family = sa_family_t(AF_INET)
      value.sin_port = port.bigEndian
      inet_pton(AF_INET, address, &value.sin_addr)
      store(value)
    case .unix(let path):
      var value = sockaddr_un()
      value.sun_family = sa_family_t(AF_UNIX)
      guard path.utf8.count <= Endpoint.maximumPathLength else {
        throw Failure(
          .usage, "socket path '\(path)' is longer than \(Endpoint.maximumPathLength) bytes")
      }
      withUnsafeMutableBytes(of: &value.sun_path) { $0.copyBytes(from: path.utf8) }
      store(value)
    }
  }

  private mutating func store<Value>(_ value: Value) {
    withUnsafeMutableBytes(of: &storage) { $0.storeBytes(of: value, as: Value.self) }
    length = socklen_t(MemoryLayout<Value>.size)
  }

  /// The endpoint; nil for a family other than the three. A socket without a name has an empty path.
  var endpoint: Endpoint? {
    withUnsafeBytes(of: storage) { bytes in
      switch family {
      case AF_INET:
        let value = bytes.load(as: sockaddr_in.self)
        return Self.tcp(AF_INET, value.sin_addr, port: value.sin_port)
      case AF_INET6:
        let value = bytes.load(as: sockaddr_in6.self)
        return Self.tcp(AF_INET6, value.sin6_addr, port: value.sin6_port)
      case AF_UNIX:
        let start = MemoryLayout<sockaddr_un>.offset(of: \.sun_path) ?? 2
        let path = bytes[start..<max(start, min(Int(length), bytes.count))].prefix { $0 != 0 }
        return .unix(path: String(decoding: path, as: UTF8.self))
      default:
        return nil
      }
    }
  }

  private static func tcp<Address>(_ family: Int32, _ address: Address, port: UInt16) -> Endpoint? {
    var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    let written = withUnsafeBytes(of: address) {
      inet_ntop(family, $0.baseAddress, &text, socklen_t(text.count))
    }
    guard written != nil else { return nil }
    let characters = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    let canonical = String(decoding: characters, as: UTF8.self)
    return .tcp(address: canonical, port: UInt16(bigEndian: port))
  }

  /// Lends the address to a call that reads it.
  func read<Result>(_ call: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
    withUnsafePointer(to: storage) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { call($0, length) }
    }
  }

  /// Lends the address to a call that fills it in.
  mutating func write<Result>(
    _ call: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Result
  ) -> Result {
    withUnsafeMutablePointer(to: &storage) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { call($0, &length) }
    }
  }
}

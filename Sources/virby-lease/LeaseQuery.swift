import VirbyKit

/// Whose lease is wanted.
enum LeaseQuery: Equatable {
  /// That of the client with this MAC.
  case mac(MACAddress)
  /// That of the client that calls itself so, byte for byte.
  case name([UInt8])

  /// Whether the record is of that client.
  func matches(_ record: LeaseRecord, in file: LeaseFile) -> Bool {
    switch self {
    case .mac(let mac): record.mac == mac
    case .name(let name): record.name != nil && file[record.name].elementsEqual(name)
    }
  }
}

extension LeaseQuery: CustomStringConvertible {
  /// As it follows "no lease" in a message.
  var description: String {
    switch self {
    case .mac(let mac): "for '\(mac)'"
    case .name(let name): "named '\(PercentEncoding.printable(name))'"
    }
  }
}

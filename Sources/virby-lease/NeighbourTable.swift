import VirbyKit

/// What `arp -an` and `ip neigh` print: with whom this machine has spoken of late.
///
/// No names and no expiry; entries whose MAC was not found out are left out.
///
///     ? (192.168.64.5) at 2:94:0:a:1:2 on bridge100 ifscope [bridge]
///     ? (192.168.64.5) at 02:94:00:0a:01:02 [ether] on virbr0
///     192.168.64.5 dev virbr0 lladdr 02:94:00:0a:01:02 REACHABLE
enum NeighbourTable {
  /// Whether `arp -an` prints such a line.
  static func isARP(_ line: ByteSlice) -> Bool {
    var rest = line
    return arpAddress(&rest) != nil
  }

  /// The record on a line of `arp -an`, or nil if there is none.
  static func arpRecord(_ line: ByteSlice) -> LeaseRecord? {
    var rest = line.withoutCarriageReturn
    guard let address = arpAddress(&rest), let hardware = rest.takeWord(), !rest.isEmpty else {
      return nil
    }
    return record(line, address: address, hardware: hardware)
  }

  /// Whether `ip neigh` prints such a line.
  static func isNeighbour(_ line: ByteSlice) -> Bool {
    var rest = line
    guard let address = rest.takeWord(), let device = rest.takeWord() else { return false }
    let isAddress = IPv4Address(text: address) != nil || address.contains(UInt8(ascii: ":"))
    return isAddress && device.equals("dev")
  }

  /// The record on a line of `ip neigh`, or nil if there is none.
  static func neighbourRecord(_ line: ByteSlice) -> LeaseRecord? {
    var rest = line.withoutCarriageReturn
    guard let address = rest.takeWord(), let device = rest.takeWord(), device.equals("dev"),
      rest.takeWord() != nil, let label = rest.takeWord(), label.equals("lladdr"),
      let hardware = rest.takeWord(), !rest.isEmpty
    else { return nil }
    while let state = rest.takeWord() {
      if state.equals("FAILED") { return nil }
    }
    return record(line, address: address, hardware: hardware)
  }

  /// Takes the words `NAME (ADDRESS) at`.
  private static func arpAddress(_ rest: inout ByteSlice) -> ByteSlice? {
    guard rest.takeWord() != nil, let address = rest.takeWord(), let at = rest.takeWord(),
      address.first == UInt8(ascii: "("), address.last == UInt8(ascii: ")"), at.equals("at")
    else { return nil }
    return address.dropFirst().dropLast()
  }

  private static func record(
    _ line: ByteSlice, address: ByteSlice, hardware: ByteSlice
  ) -> LeaseRecord? {
    guard let address = IPv4Address(text: address), let mac = hardware.hardwareAddress else {
      return nil
    }
    let client = hardware.startIndex..<hardware.endIndex
    return LeaseRecord(position: line.startIndex, address: address, mac: mac, client: client)
  }
}

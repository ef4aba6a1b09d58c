import VirbyKit

/// The file of dnsmasq(8): `EXPIRY MAC ADDRESS NAME CLIENT-ID` on each line.
///
/// EXPIRY is in seconds since 1970, 0 for never; `*` stands for a name or an id that is not known.
/// Leases of IPv6 follow after a line `duid …`; they have a number in place of the MAC and are left
/// out.
enum DnsmasqLeases {
  /// Whether a file begins with that line.
  static func begins(with line: ByteSlice) -> Bool {
    var rest = line
    if let word = rest.takeWord(), word.equals("duid") { return true }
    return record(line) != nil
  }

  /// The record on a line, or nil if there is none.
  static func record(_ line: ByteSlice) -> LeaseRecord? {
    var rest = line.withoutCarriageReturn
    guard let expiry = rest.takeWord()?.decimal, let hardware = rest.takeWord(),
      let mac = hardware.hardwareAddress, let address = rest.takeWord(),
      let name = rest.takeWord(), rest.takeWord() != nil
    else { return nil }
    var record = LeaseRecord(
      position: line.startIndex, address: IPv4Address(text: address), mac: mac)
    record.expiry = expiry == 0 ? .never : .at(expiry)
    record.client = hardware.startIndex..<hardware.endIndex
    record.name = name.equals("*") ? nil : name.startIndex..<name.endIndex
    return record
  }
}

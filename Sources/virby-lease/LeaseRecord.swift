import VirbyKit

/// One record of a lease file: who has which address until when.
///
/// Texts that the client chose are ranges of the file's bytes; nobody makes a String of them.
struct LeaseRecord: Equatable {
  /// How the record tells the client's MAC; the earlier, the more it is worth.
  enum Evidence: Int {
    /// As its hardware address.
    case hardware
    /// As its client id.
    case identifier
    /// In its DUID, which a cloned disk may have carried from another machine.
    case duid
  }

  /// Where in the file the record begins.
  let position: Int
  /// The client's address; nil if the record has none that is one.
  var address: IPv4Address?
  /// The client's MAC, if it can be told.
  var mac: MACAddress?
  /// How the MAC is told.
  var evidence = Evidence.hardware
  /// Whether the client is known by a DUID that does not tell its MAC.
  var hidesMAC = false
  /// By what the server knows the client; nil if the record does not say.
  var client: Range<Int>?
  /// The name that the client gave itself.
  var name: Range<Int>?
  /// When the lease ends.
  var expiry = LeaseExpiry.unstated
  /// Whether the client found the address in use and declined it.
  var isDeclined = false
}

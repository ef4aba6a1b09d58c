import CVirby
import VirbyKit

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// A network cable of two ends: datagram sockets that carry an Ethernet frame each.
enum EthernetLink {
  /// The buffers of either end. With the default of macOS a frame would hardly fit; these are what
  /// minikube gives vmnet-helper.
  private static let sendBuffer: Int32 = 65 << 10
  private static let receiveBuffer: Int32 = 4 << 20

  /// Makes a cable, by socketpair(2).
  ///
  /// - Throws: 71.
  static func make() throws(Failure) -> (Descriptor, Descriptor) {
    var ends: [Int32] = [-1, -1]
    if cvirby_datagram_socketpair(&ends) != 0 { throw .system("cannot make a pair of sockets") }
    for end in ends {
      set(end, SO_SNDBUF, sendBuffer)
      set(end, SO_RCVBUF, receiveBuffer)
    }
    return (Descriptor(owning: ends[0]), Descriptor(owning: ends[1]))
  }

  // A system that allows less gives what it has.
  private static func set(_ raw: Int32, _ option: Int32, _ value: Int32) {
    var value = value
    setsockopt(raw, SOL_SOCKET, option, &value, socklen_t(MemoryLayout<Int32>.size))
  }
}

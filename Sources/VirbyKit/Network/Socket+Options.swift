#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

extension Socket {
  /// Sends small writes at once (TCP_NODELAY) and probes an idle peer (SO_KEEPALIVE), so that one that
  /// is gone without a word is noticed within two minutes. Does nothing for a socket that is not TCP.
  ///
  /// Linux' TCP_USER_TIMEOUT is left alone: it also ends a connection whose reader has only stopped
  /// reading for that long (net/ipv4/tcp_timer.c, tcp_probe_timer).
  public func tune() {
    let tcp = Int32(IPPROTO_TCP)
    set(tcp, TCP_NODELAY, 1)
    set(SOL_SOCKET, SO_KEEPALIVE, 1)
    set(tcp, TCP_KEEPINTVL, 15)
    set(tcp, TCP_KEEPCNT, 4)
    #if canImport(Darwin)
      set(tcp, TCP_KEEPALIVE, 60)
      // Bytes that are never acknowledged keep probes away; this bounds their retransmission.
      set(tcp, TCP_RXT_CONNDROPTIME, 120)
    #else
      set(tcp, TCP_KEEPIDLE, 60)
    #endif
  }

  /// Makes the close of this socket a reset (SO_LINGER 0): the other side sees ECONNRESET, not an end.
  public func resetOnClose() {
    var value = linger(l_onoff: 1, l_linger: 0)
    setsockopt(
      descriptor.raw, SOL_SOCKET, SO_LINGER, &value, socklen_t(MemoryLayout<linger>.size))
  }

  // Each of these is a courtesy that some sockets (AF_UNIX, a peer already gone) decline.
  @discardableResult
  func set(_ level: Int32, _ option: Int32, _ value: Int32) -> Bool {
    var value = value
    let size = socklen_t(MemoryLayout<Int32>.size)
    return setsockopt(descriptor.raw, level, option, &value, size) == 0
  }
}

import CVirby

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

extension Socket {
  /// Sends small writes at once (TCP_NODELAY). Does nothing for a socket that is not TCP.
  public func sendAtOnce() { set(Int32(IPPROTO_TCP), TCP_NODELAY, 1) }

  /// Probes an idle peer (SO_KEEPALIVE), so that one that is gone without a word is noticed after 70 seconds.
  /// Does nothing for a socket that is not TCP.
  ///
  /// Bytes that are never acknowledged keep probes away, so their retransmission is bounded as well; on
  /// Linux before 6.15, which has no TCP_RTO_MAX_MS, it goes on for some 15 minutes. TCP_USER_TIMEOUT is
  /// left alone: it also ends a connection whose reader has only stopped reading for that long
  /// (net/ipv4/tcp_timer.c, tcp_probe_timer).
  public func probePeer() {
    let tcp = Int32(IPPROTO_TCP)
    set(SOL_SOCKET, SO_KEEPALIVE, 1)
    set(tcp, TCP_KEEPINTVL, 10)
    set(tcp, TCP_KEEPCNT, 4)
    setProbing(after: 30)
    #if canImport(Darwin)
      set(tcp, TCP_RXT_CONNDROPTIME, 60)
    #else
      // 15 retransmissions (tcp_retries2) take a minute then.
      set(tcp, cvirby_tcp_rto_max_ms(), 5_000)
    #endif
  }

  /// Probes an idle peer sooner than `probePeer` does, from now on: one that is gone is noticed after 45
  /// seconds. The kernels start the timer anew with the new value.
  public func hastenProbes() { setProbing(after: 5) }

  private func setProbing(after seconds: Int32) {
    #if canImport(Darwin)
      set(Int32(IPPROTO_TCP), TCP_KEEPALIVE, seconds)
    #else
      set(Int32(IPPROTO_TCP), TCP_KEEPIDLE, seconds)
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

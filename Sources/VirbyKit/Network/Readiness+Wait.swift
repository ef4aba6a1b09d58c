import CVirby

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif
#if KQUEUE
  import CKqueue
#endif

extension Readiness {
  /// Waits for notices, and for a few other descriptors with them.
  ///
  /// - Parameters:
  ///   - watches: The same ones in the same places each time, or `.nothing`.
  ///   - deadline: When to give up; the wait may end earlier without a reason.
  /// - Returns: For each watch whether it is ready.
  /// - Throws: 71.
  public func wait(
    with watches: [Watch], until deadline: ContinuousClock.Instant? = nil
  ) throws(Failure) -> [Bool] {
    #if canImport(Darwin) || KQUEUE
      let ready = Array(try poll(watches + [.read(descriptor.raw)], until: deadline).dropLast())
      var instant = timespec()
      let count = kevent(descriptor.raw, nil, 0, &events, Int32(Self.most), &instant)
    #else
      for (place, watch) in watches.enumerated() { try accompany(watch, at: place) }
      var ready = companions.map(\.isAlwaysReady)
      let timeout = ready.contains(true) ? 0 : milliseconds(until: deadline)
      let count = epoll_wait(descriptor.raw, &events, Int32(Self.most), timeout)
    #endif
    if count < 0 && errno != EINTR { throw .system("cannot watch sockets") }
    notices.removeAll(keepingCapacity: true)
    for event in events.prefix(Int(max(0, count))) {
      #if !(canImport(Darwin) || KQUEUE)
        if event.data.u64 > Companion.firstToken {
          ready[Int(UInt64.max - event.data.u64)] = true
          continue
        }
      #endif
      notices.append(Self.notice(event))
    }
    return ready
  }

  #if !(canImport(Darwin) || KQUEUE)
    /// A descriptor that is not a socket of ours, in the set for as long as it is watched.
    struct Companion {
      static let firstToken = UInt64.max - 16
      var watch = Watch.nothing
      /// A regular file: epoll(7) has no place for it, and poll(2) calls it ready.
      var isAlwaysReady = false
    }

    private func accompany(_ watch: Watch, at place: Int) throws(Failure) {
      if place == companions.count { companions.append(Companion()) }
      let before = companions[place].watch
      if watch == before { return }
      var event = epoll_event()
      epoll_ctl(descriptor.raw, EPOLL_CTL_DEL, before.descriptor, &event)
      event.events = UInt32(watch.events)
      event.data.u64 = UInt64.max - UInt64(place)
      companions[place] = Companion(watch: watch)
      if watch.descriptor < 0 { return }
      if epoll_ctl(descriptor.raw, EPOLL_CTL_ADD, watch.descriptor, &event) == 0 { return }
      guard errno == EPERM else { throw .system("cannot watch a descriptor") }
      companions[place].isAlwaysReady = true
    }
  #endif

  #if canImport(Darwin) || KQUEUE
    // EV_EOF in the read filter is the end of the input; in the write filter nothing more can be written,
    // because the connection is broken or because our own side has ended. `fflags` is the socket's error.
    private static func notice(_ event: kevent) -> Notice {
      let writing = Int32(event.filter) == EVFILT_WRITE
      let ended = event.flags & UInt16(EV_EOF) != 0
      let broken = ended && (writing || event.fflags != 0)
      return Notice(
        token: UInt64(UInt(bitPattern: event.udata)), isReadable: !writing || broken,
        isWritable: writing || broken, hasEnded: ended && !writing, isHungUp: broken)
    }
  #else
    private static func notice(_ event: epoll_event) -> Notice {
      let broken = event.events & (EPOLLHUP.rawValue | EPOLLERR.rawValue) != 0
      return Notice(
        token: event.data.u64, isReadable: broken || event.events & EPOLLIN.rawValue != 0,
        isWritable: broken || event.events & EPOLLOUT.rawValue != 0,
        hasEnded: broken || event.events & EPOLLRDHUP.rawValue != 0, isHungUp: broken)
    }
  #endif
}

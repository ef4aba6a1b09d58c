import CVirby

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif
#if KQUEUE
  import CKqueue
#endif

/// Tells which of many sockets have become ready: epoll(7) on Linux, kqueue(2) on Darwin.
///
/// Edge-triggered: a socket is added once, for reading and for writing, and a change is told once. Whoever
/// hears that a socket is readable may count on it until a read says `blocked`; a short read says nothing.
/// So back-pressure costs no system call, and a hung-up socket that nobody reads cannot spin.
public final class Readiness {
  /// What has changed about a socket.
  public struct Notice: Sendable {
    /// The number the socket was added under.
    public let token: UInt64
    /// There are bytes to read, or the end, or an error.
    public let isReadable: Bool
    /// A write will take bytes, or say why not; a connection is made or has failed.
    public let isWritable: Bool
    /// The other side will send no more than there is to read.
    public let hasEnded: Bool
    /// The connection is broken, or closed in both directions. On Darwin this is also told once our own side
    /// has ended: ask `Socket.takeError` whether it is broken.
    public let isHungUp: Bool
  }

  /// What the latest wait has told.
  public internal(set) var notices: [Notice] = []
  let descriptor: Descriptor
  static let most = 256

  #if canImport(Darwin) || KQUEUE
    var events: [kevent] = Array(repeating: .init(), count: most)
  #else
    var events: [epoll_event] = Array(repeating: .init(), count: most)
    var companions: [Companion] = []
  #endif

  /// Makes an empty set.
  ///
  /// - Throws: 71.
  public init() throws(Failure) {
    #if canImport(Darwin) || KQUEUE
      let raw = kqueue()
      _ = fcntl(raw, F_SETFD, FD_CLOEXEC)
    #else
      let raw = epoll_create1(Int32(EPOLL_CLOEXEC))
    #endif
    if raw < 0 { throw .system("cannot watch sockets") }
    descriptor = Descriptor(owning: raw)
  }

  /// Adds a socket. What it is ready for already is told too.
  ///
  /// A connected socket leaves the set when it is closed.
  ///
  /// - Parameter token: Comes back in its notices; unique for as long as the set lives.
  /// - Throws: 71.
  public func add(_ socket: Socket, token: UInt64) throws(Failure) {
    try add(socket.descriptor.raw, writing: true, token: token)
  }

  /// Adds a listening socket; it is readable when a client waits.
  ///
  /// - Throws: 71.
  public func add(_ listener: ListeningSocket, token: UInt64) throws(Failure) {
    try add(listener.descriptor.raw, writing: false, token: token)
  }

  /// Takes a listening socket out. It must be done by hand: as long as the service manager has the same
  /// socket open, closing our descriptor does not take it out of an epoll set.
  public func remove(_ listener: ListeningSocket) {
    #if canImport(Darwin) || KQUEUE
      var change = Self.change(listener.descriptor.raw, EVFILT_READ, EV_DELETE, 0)
      kevent(descriptor.raw, &change, 1, nil, 0, nil)
    #else
      var event = epoll_event()
      epoll_ctl(descriptor.raw, EPOLL_CTL_DEL, listener.descriptor.raw, &event)
    #endif
  }

  private func add(_ raw: Int32, writing: Bool, token: UInt64) throws(Failure) {
    #if canImport(Darwin) || KQUEUE
      var changes = [Self.change(raw, EVFILT_READ, EV_ADD | EV_CLEAR, token)]
      if writing { changes.append(Self.change(raw, EVFILT_WRITE, EV_ADD | EV_CLEAR, token)) }
      let code = kevent(descriptor.raw, &changes, Int32(changes.count), nil, 0, nil)
    #else
      var event = epoll_event()
      event.events = EPOLLIN.rawValue | EPOLLRDHUP.rawValue | EPOLLET.rawValue
      if writing { event.events |= EPOLLOUT.rawValue }
      event.data.u64 = token
      let code = epoll_ctl(descriptor.raw, EPOLL_CTL_ADD, raw, &event)
    #endif
    if code < 0 { throw .system("cannot watch a socket") }
  }

  #if canImport(Darwin) || KQUEUE
    private static func change(
      _ raw: Int32, _ filter: Int32, _ flags: Int32, _ token: UInt64
    ) -> kevent {
      kevent(
        ident: UInt(raw), filter: Int16(filter), flags: UInt16(flags), fflags: 0, data: 0,
        udata: UnsafeMutableRawPointer(bitPattern: UInt(token)))
    }
  #endif
}

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// One descriptor that poll(2) is to watch, and what for.
public struct Watch: Equatable, Sendable {
  let descriptor: Int32
  let events: Int16

  /// Ready when there is something to read, or the end.
  public static func read(_ descriptor: Int32) -> Watch {
    Watch(descriptor: descriptor, events: Int16(POLLIN))
  }

  /// Ready when a write would not block.
  public static func write(_ descriptor: Int32) -> Watch {
    Watch(descriptor: descriptor, events: Int16(POLLOUT))
  }

  /// Ready when the reader of this pipe or socket is gone.
  ///
  /// Linux reports POLLERR unasked. XNU registers its "neutered" read filter for POLLHUP, and none for
  /// `events: 0` (bsd/kern/sys_generic.c), so POLLHUP is asked for on both.
  public static func hangup(_ descriptor: Int32) -> Watch {
    Watch(descriptor: descriptor, events: Int16(POLLHUP))
  }

  /// Never ready; holds a place in the answer.
  public static let nothing = Watch(descriptor: -1, events: 0)
}

/// Waits with poll(2) until a descriptor is ready or the deadline has passed.
///
/// The deadline counts the time that the host sleeps. poll(2) does not, so no single call lasts longer
/// than a minute: after a sleep a passed deadline is noticed within that minute.
///
/// - Returns: For each watch whether it is ready; nothing is ready if the deadline passed or a signal came.
/// - Throws: 71.
public func poll(
  _ watches: [Watch], until deadline: ContinuousClock.Instant? = nil
) throws(Failure) -> [Bool] {
  var entries = watches.map { pollfd(fd: $0.descriptor, events: $0.events, revents: 0) }
  while true {
    let count = systemPoll(&entries, milliseconds(until: deadline))
    if count > 0 { return entries.map { $0.revents != 0 } }
    if count < 0 && errno != EINTR { throw .system("cannot wait for input") }
    let passed = deadline.map { $0 <= .now } ?? false
    if count < 0 || passed { return entries.map { _ in false } }
  }
}

/// A deadline as poll(2) and epoll_wait(2) take it: at most a minute, -1 for none.
func milliseconds(until deadline: ContinuousClock.Instant?) -> Int32 {
  guard let deadline else { return -1 }
  let left = max(.zero, deadline - .now)
  return Int32(min(60_000, (left / Duration.milliseconds(1)).rounded(.up)))
}

private func systemPoll(_ entries: inout [pollfd], _ milliseconds: Int32) -> Int32 {
  poll(&entries, nfds_t(entries.count), milliseconds)
}

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif
#if KQUEUE
  import CKqueue
#endif

import VirbyKit

/// Tells when one file is written to, whoever writes: inotify(7), or EVFILT_VNODE of kqueue(2).
///
/// It watches the file that bears the name now, and no other that takes the name later; `DirectoryWatch`
/// is for those.
final class FileWatch {
  private let queue: Descriptor
  #if canImport(Darwin) || KQUEUE
    private let file: Descriptor
  #endif

  /// Starts to watch a file that must exist; a symbolic link is not followed.
  ///
  /// - Throws: 71.
  init(path: String) throws(Failure) {
    #if canImport(Darwin) || KQUEUE
      file = try Descriptor.open(path, O_EVTONLY | O_NOFOLLOW)
      let raw = kqueue()
    #else
      let raw = inotify_init1(Int32(IN_NONBLOCK | IN_CLOEXEC))
    #endif
    if raw < 0 { throw .system("cannot watch '\(path)'") }
    queue = Descriptor(owning: raw)
    #if canImport(Darwin) || KQUEUE
      var change = kevent(
        ident: UInt(file.raw), filter: Int16(EVFILT_VNODE), flags: UInt16(EV_ADD | EV_CLEAR),
        fflags: UInt32(NOTE_WRITE | NOTE_EXTEND), data: 0, udata: nil)
      let code = kevent(queue.raw, &change, 1, nil, 0, nil)
    #else
      let code = inotify_add_watch(queue.raw, path, UInt32(IN_MODIFY | IN_DONT_FOLLOW))
    #endif
    if code < 0 { throw .system("cannot watch '\(path)'") }
  }

  /// Ready when the file has been written to since `take`.
  var watch: Watch { .read(queue.raw) }

  /// Takes the reports. Call it before the file is looked at.
  func take() {
    #if canImport(Darwin) || KQUEUE
      var report = kevent()
      var now = timespec()
      while kevent(queue.raw, nil, 0, &report, 1, &now) > 0 {}
    #else
      // Reports that say the same as the one before are not queued: there are never many.
      var buffer = [UInt8](repeating: 0, count: 4096)
      while read(queue.raw, &buffer, buffer.count) > 0 {}
    #endif
  }
}

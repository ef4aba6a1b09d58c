#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif
#if KQUEUE
  import CKqueue
#endif

import VirbyKit

/// Tells when a file may have been made, replaced or rewritten, by watching the folder it is in.
///
/// Neither the file nor the folder need be there: the nearest folder that is there is watched. A
/// watch on the file alone would be lost with the first rename(2) over it. Changes that the system
/// does not report (a network file system, a symbolic link's target) need another look now and
/// then.
final class DirectoryWatch {
  private let path: String
  private let queue: Descriptor
  #if canImport(Darwin) || KQUEUE
    private var watched: [Descriptor] = []
  #else
    private var folder: Int32 = -1
    private var awaited: [UInt8] = []
  #endif

  /// Starts to watch; what happens from now on is reported.
  ///
  /// - Throws: 71 if the system has no more watches to give, or no folder can be watched.
  init(path: String) throws(Failure) {
    self.path = path
    #if canImport(Darwin) || KQUEUE
      let raw = kqueue()
    #else
      let raw = inotify_init1(Int32(IN_NONBLOCK | IN_CLOEXEC))
    #endif
    if raw < 0 { throw .system("cannot watch '\(path)'") }
    queue = Descriptor(owning: raw)
    try arm()
  }

  /// Ready when there is something to report.
  var watch: Watch { .read(queue.raw) }

  /// Takes the reports and watches on, be it another folder by now. Call it before the file is
  /// read.
  ///
  /// - Returns: Whether one of the reports may concern the file.
  /// - Throws: 71.
  func renew() throws(Failure) -> Bool {
    let concerns = takeReports()
    try arm()
    return concerns
  }

  /// The folders to try, the file's own first, and the name that is awaited in each.
  private var candidates: [(folder: String, name: String)] {
    var (folder, name) = Path.split(path)
    var candidates = [(folder, name)]
    while folder != "/" && folder != "." {
      (folder, name) = Path.split(folder)
      candidates.append((folder, name))
    }
    return candidates
  }
}

#if canImport(Darwin) || KQUEUE
  extension DirectoryWatch {
    /// EVFILT_VNODE reports on a folder when an entry comes or goes, and on a file when it is
    /// written: it takes both. The descriptors are opened anew each time, for the names may have
    /// moved on.
    private func arm() throws(Failure) {
      var folder: String?
      var before: String?
      repeat {
        before = folder
        watched = []
        folder = nil
        for (candidate, _) in candidates where try add(candidate) {
          folder = candidate
          break
        }
        if folder == nil { throw .system("cannot watch '\(path)'") }
        // The folder that was missing may have come between the two calls: once more, until it
        // settles.
      } while folder != before
      _ = try add(path)
    }

    private func add(_ path: String) throws(Failure) -> Bool {
      let raw = open(path, O_EVTONLY | O_CLOEXEC)
      if raw < 0 { return false }
      let descriptor = Descriptor(owning: raw)
      let notes = NOTE_WRITE | NOTE_EXTEND | NOTE_DELETE | NOTE_RENAME | NOTE_REVOKE
      var change = kevent(
        ident: UInt(raw), filter: Int16(EVFILT_VNODE), flags: UInt16(EV_ADD | EV_CLEAR),
        fflags: UInt32(notes), data: 0, udata: nil)
      if kevent(queue.raw, &change, 1, nil, 0, nil) != 0 {
        throw .system("cannot watch '\(path)'")
      }
      watched.append(descriptor)
      return true
    }

    private func takeReports() -> Bool {
      var report = kevent()
      var now = timespec()
      var any = false
      while kevent(queue.raw, nil, 0, &report, 1, &now) > 0 { any = true }
      return any
    }
  }
#else
  extension DirectoryWatch {
    private func arm() throws(Failure) {
      let events =
        IN_CREATE | IN_MOVED_TO | IN_MODIFY | IN_CLOSE_WRITE | IN_DELETE_SELF | IN_MOVE_SELF
      while true {
        let before = folder
        for (candidate, name) in candidates {
          let added = inotify_add_watch(queue.raw, candidate, UInt32(events | IN_ONLYDIR))
          if added < 0 && (errno == ENOENT || errno == ENOTDIR) { continue }
          if added < 0 { throw .system("cannot watch '\(candidate)'") }
          folder = added
          awaited = Array(name.utf8)
          break
        }
        // The folder that was missing may have come between the two calls: once more, until it
        // settles.
        if folder == before { return }
        if before >= 0 { inotify_rm_watch(queue.raw, before) }
      }
    }

    private func takeReports() -> Bool {
      var concerns = false
      var buffer = [UInt8](repeating: 0, count: 8192)
      while true {
        let count = read(queue.raw, &buffer, buffer.count)
        if count <= 0 { return concerns }
        buffer.withUnsafeBytes { bytes in
          // struct inotify_event: wd, mask, cookie, len, then len bytes of name, filled up with
          // NUL.
          var start = 0
          while start + 16 <= count {
            let end =
              start + 16 + Int(bytes.loadUnaligned(fromByteOffset: start + 12, as: UInt32.self))
            let name = bytes[(start + 16)..<end].prefix { $0 != 0 }
            if name.isEmpty || name.elementsEqual(awaited) { concerns = true }
            start = end
          }
        }
      }
    }
  }
#endif

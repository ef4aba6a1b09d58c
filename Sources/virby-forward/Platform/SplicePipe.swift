import CVirby
import VirbyKit

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// A pipe that bytes pass through on their way from one socket to another, moved by splice(2): they stay
/// in the kernel and are not copied.
///
/// Writing to a socket whose peer is gone raises SIGPIPE, for splice(2) has no MSG_NOSIGNAL: whoever uses
/// this ignores that signal, as `Stage` does.
final class SplicePipe {
  /// How many bytes a pipe holds. With the system's 64 KiB, splicing is no cheaper than copying.
  static let size = 1 << 20

  #if canImport(Darwin) || KQUEUE
    /// Whether the system has splice(2).
    static let isSupported = false
  #else
    /// Whether the system has splice(2).
    static let isSupported = true
  #endif

  /// The bytes in the pipe.
  private(set) var count = 0
  private let ends: (read: Descriptor, write: Descriptor)

  /// Makes an empty pipe of that size.
  ///
  /// - Throws: 71: without splice(2), in a shortage of descriptors, or when this user's pipes hold too much
  ///   already (fs.pipe-user-pages-soft).
  init() throws(Failure) {
    ends = try Descriptor.pipe()
    guard cvirby_set_pipe_size(ends.write.raw, Int32(Self.size)) >= Self.size else {
      throw .system("cannot enlarge a pipe")
    }
  }

  /// Moves bytes from a socket into the pipe, which must be empty: then `blocked` speaks of the socket.
  ///
  /// It may also mean that urgent data is next, which splice(2) does not step over, or that the socket is
  /// of a kind that it does not know. So only a read from the socket itself tells whether there is nothing
  /// more.
  func fill(from source: Socket) -> Socket.Transfer {
    let transfer = source.transfer {
      cvirby_splice(source.descriptor.raw, ends.write.raw, Self.size)
    }
    if case .moved(let length) = transfer { count += length }
    return transfer == .failed(EINVAL) ? .blocked : transfer
  }

  /// Moves bytes from the pipe, which must not be empty, to a socket.
  func drain(to sink: Socket) -> Socket.Transfer {
    let transfer = sink.transfer { cvirby_splice(ends.read.raw, sink.descriptor.raw, count) }
    if case .moved(let length) = transfer { count -= length }
    return transfer
  }
}

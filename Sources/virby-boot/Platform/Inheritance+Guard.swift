#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

extension Inheritance {
  /// Whether it is the guard's shell that started this process: it leads the process group, by getpgrp(2) and
  /// getppid(2), and has handed on the leash, which is a pipe, by fstat(2).
  static var isFromGuard: Bool {
    var status = stat()
    return getpgrp() == getppid() && fstat(Role.leash.rawValue, &status) == 0
      && status.st_mode & S_IFMT == S_IFIFO
  }
}

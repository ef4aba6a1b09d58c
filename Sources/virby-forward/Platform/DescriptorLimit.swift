#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// How many descriptors this process may have open (RLIMIT_NOFILE).
enum DescriptorLimit {
  /// Raises the soft limit to the hard one with setrlimit(2); launchd's default is 256.
  ///
  /// - Returns: The limit that holds now.
  @discardableResult
  static func raise() -> Int {
    #if canImport(Darwin)
      let resource = RLIMIT_NOFILE
      // setrlimit(2) refuses more than this, though the hard limit may be "unlimited".
      let most = rlim_t(OPEN_MAX)
    #else
      let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
      let most = rlim_t(1 << 20)
    #endif
    var limit = rlimit()
    guard getrlimit(resource, &limit) == 0 else { return 256 }
    let before = limit.rlim_cur
    limit.rlim_cur = max(before, min(limit.rlim_max, most))
    if setrlimit(resource, &limit) != 0 { limit.rlim_cur = before }
    return Int(min(limit.rlim_cur, most))
  }
}

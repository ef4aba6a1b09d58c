#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// The environment that this process hands on to the commands it runs.
enum Environment {
  /// Gives a variable a value with setenv(3), or takes it away with unsetenv(3).
  static func set(_ name: String, to value: String?) {
    if let value { setenv(name, value, 1) } else { unsetenv(name) }
  }
}

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

extension Leg {
  /// Whether a connection that is hung up had been made: then the socket's error is ECONNRESET, EPIPE or
  /// none at all. What keeps a connection from being made is ECONNREFUSED, ETIMEDOUT and the like.
  var wasConnected: Bool { [0, ECONNRESET, EPIPE].contains(failure()) }

  /// Whether the other machine has refused the connection.
  var wasRefused: Bool { failure() == ECONNREFUSED }
}

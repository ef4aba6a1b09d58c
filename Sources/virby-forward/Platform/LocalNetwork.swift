import VirbyKit

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// What macOS calls the networks of the host's own interfaces, its guests' among them.
enum LocalNetwork {
  /// The reason for an error of connect(2).
  ///
  /// Since macOS 15 it is EHOSTUNREACH too for a program that may not use the local network (Local Network
  /// privacy, Apple's TN3179). Daemons that launchd starts, and root, always may.
  static func reason(_ code: Int32, onDarwin: Bool = Platform.isDarwin) -> String {
    let reason = Failure.reason(code)
    guard onDarwin, code == EHOSTUNREACH else { return reason }
    return "\(reason), "
      + "or macOS denies this program access to the local network (Privacy & Security)"
  }
}

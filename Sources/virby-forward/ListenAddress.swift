import ArgumentParser
import VirbyKit

/// What `-l` names: an address to bind, or a listening socket that was handed over.
enum ListenAddress: Equatable {
  /// An address of our own.
  case endpoint(Endpoint)
  /// A descriptor from launchd or systemd.
  case inherited(Int32)
}

extension ListenAddress: ExpressibleByArgument {
  /// Reads `127.0.0.1:31222`, `[::1]:31222`, `unix:PATH` or `fd:N`; port 0 lets the system pick one.
  init?(argument: String) {
    guard
      let address = RightForm.of(
        Self(text: argument), "write 127.0.0.1:31222, unix:PATH or fd:3")
    else { return nil }
    self = address
  }

  private init?(text argument: String) {
    if argument.hasPrefix("fd:") {
      let digits = argument.dropFirst(3)
      guard digits.allSatisfy({ $0.isASCII && $0.isNumber }), let number = Int32(digits) else {
        return nil
      }
      self = .inherited(number)
    } else {
      guard let endpoint = Endpoint(argument, anyPort: true) else { return nil }
      self = .endpoint(endpoint)
    }
  }
}

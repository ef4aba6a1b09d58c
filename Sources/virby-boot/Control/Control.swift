import VirbyKit

/// A running driver's control channel.
///
/// Nothing here waits: the supervisor waits for `watch` and `deadline` along with all that may happen
/// meanwhile, and then calls `proceed`.
protocol Control: AnyObject {
  /// Ready when `proceed` has something to do.
  var watch: Watch { get }
  /// When `proceed` has something to do though nothing is ready.
  var deadline: ContinuousClock.Instant? { get }
  /// Takes a step, if there is one to take.
  func proceed() -> [News]
  /// Starts to press the guest's power button.
  func powerDown()
  /// Whether the driver can still be asked for something.
  var isOpen: Bool { get }
  /// Whether the guest has reset itself, which ends the driver as if it had powered off.
  var hasReset: Bool { get }
  /// Whether `quit` does anything.
  var canQuit: Bool { get }
  /// Starts to end the driver, whatever the guest is doing.
  func quit()
}

/// A channel that knows no better.
extension Control {
  var isOpen: Bool { true }
  var hasReset: Bool { false }
}

/// What a driver has let know.
enum News {
  /// The machine runs; with where the guest's SSH server is reached, if that is known already.
  case running(at: Endpoint?)
  /// Something for `-v`.
  case said(String)
  /// Something that the user should know at once.
  case worry(String)
  /// What was asked of it came to nothing; before it runs, that it never will.
  case trouble(Failure)
}

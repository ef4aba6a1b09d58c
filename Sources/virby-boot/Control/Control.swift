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
  /// Whether the driver says that it has not finished starting, so that nothing has run.
  var isStarting: Bool { get }
  /// How the machine ended, as far as the driver has said, if it ends with status 0 before it is told to quit.
  var ending: Ending { get }
  /// Whether `quit` does anything.
  var canQuit: Bool { get }
  /// Starts to end the driver, whatever the guest is doing.
  func quit()
}

/// A channel that knows no better.
extension Control {
  var isOpen: Bool { true }
  var isStarting: Bool { false }
}

/// How a machine has ended whose driver ends with status 0.
enum Ending {
  /// The guest has powered off.
  case poweredOff
  /// The guest has reset itself; the driver does not start it again.
  case reset
  /// Someone has told the driver to quit.
  case quit
  /// Someone has ended the driver by a signal that it answers.
  case signalled
  /// The guest has powered off, or someone has stopped the driver.
  case unknown
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
  /// It has refused to stop the guest, for the machine is stopping already.
  case goesDown
  /// It has refused to stop the guest, for the machine has stopped.
  case isDown
}

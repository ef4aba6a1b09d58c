import ArgumentParser
import VirbyKit

/// A program that runs virtual machines.
protocol Driver {
  /// What people and event lines call it.
  var name: DriverName { get }

  /// The argument vector that runs the machine, the program first.
  ///
  /// - Throws: 64 if this driver cannot do what the machine needs.
  func arguments(for machine: Machine) throws(Failure) -> [String]

  /// Whether it can be steered by more than signals.
  var hasControl: Bool { get }

  /// Waits until the driver has the machine running.
  ///
  /// - Parameter isAlive: Asked while waiting; false gives up.
  /// - Returns: What to steer it by; nil if there is no such thing, or if the driver is going to end.
  /// - Throws: 75 when the deadline has passed.
  func control(
    of machine: Machine, until deadline: ContinuousClock.Instant, while isAlive: () -> Bool
  ) throws(Failure) -> (any Control)?
}

/// A running driver's control channel.
protocol Control {
  /// Ready when the driver has something to say.
  var watch: Watch { get }
  /// Where the guest's SSH server is reached, if that is known already.
  func access() throws(Failure) -> Endpoint?
  /// Presses the guest's power button.
  func powerDown() throws(Failure)
  /// Ends the driver, whatever the guest is doing.
  func quit() throws(Failure)
  /// What the driver has said since, for `-v`.
  func news() throws(Failure) -> [String]
  /// Whether the channel can still be used.
  var isOpen: Bool { get }
  /// Whether the guest has reset itself, which ends the driver as if it had powered off.
  var hasReset: Bool { get }
  /// How long the driver may take over an answer.
  var patience: Duration { get nonmutating set }
}

/// A channel that knows no better.
extension Control {
  var isOpen: Bool { true }
  var hasReset: Bool { false }
  var patience: Duration {
    get { .seconds(10) }
    nonmutating set {}
  }
}

/// The drivers there are.
enum DriverName: String, CaseIterable, ExpressibleByArgument {
  case vfkit
  case qemu

  /// The one that comes with the platform.
  static var platformDefault: DriverName { Platform.isDarwin ? .vfkit : .qemu }

  /// How its guests are reached unless the user says otherwise.
  var access: AccessName {
    switch self {
    case .vfkit: .nat
    case .qemu: .user
    }
  }
}

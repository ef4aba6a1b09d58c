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

  /// What steers the driver once it has been started.
  func control(of machine: Machine) -> any Control
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

import ArgumentParser
import VirbyKit

/// A program that runs virtual machines.
protocol Driver {
  /// What people and event lines call it.
  var name: DriverName { get }

  /// Whether nobody wants what it writes to stdout.
  var hasNoisyOutput: Bool { get }

  /// Starts what has to be up before the driver is started.
  ///
  /// - Parameter group: The process group that it joins.
  /// - Throws: 69, 71.
  func companions(of machine: Machine, group: Int32) throws(Failure) -> [Companion]

  /// Looks at the program that is installed, before it is started.
  ///
  /// - Parameter limit: How long it may take to answer.
  /// - Throws: 69 if it is missing or too old, 71.
  func check(within limit: Duration, log: Diagnostics) throws(Failure)

  /// The argument vector that runs the machine, the program first.
  ///
  /// - Throws: 64 if this driver cannot do what the machine needs, 69 if this host cannot.
  func arguments(for machine: Machine) throws(Failure) -> [String]

  /// Lines of a shell that do by hand what must be done before that vector is run.
  ///
  /// - Throws: 69.
  func preparation(of machine: Machine) throws(Failure) -> [String]

  /// The command, a word of a shell each, that runs that vector by hand and gives it what virby-boot would.
  var launcher: [String] { get }
}

extension Driver {
  var hasNoisyOutput: Bool { false }

  func check(within limit: Duration, log: Diagnostics) throws(Failure) {}

  func companions(of machine: Machine, group: Int32) throws(Failure) -> [Companion] { [] }

  func preparation(of machine: Machine) throws(Failure) -> [String] { [] }

  var launcher: [String] { [] }

  /// A part of an option that is split at certain characters, and knows no quoting.
  ///
  /// - Throws: 64 if the value has one of them.
  func whole(_ value: String, without separators: String = ",") throws(Failure) -> String {
    // As Characters a comma and a combining mark after it are no comma.
    if let separator = value.unicodeScalars.first(where: separators.unicodeScalars.contains) {
      throw Failure(
        .usage, "driver '\(name.rawValue)' cannot take '\(value)': it contains a '\(separator)'")
    }
    return value
  }

  /// vfkit would end, and krunkit not say a word.
  ///
  /// - Throws: 69.
  func refuseNesting(_ machine: Machine, unless isSupported: Bool?) throws(Failure) {
    guard machine.isNested, isSupported == false else { return }
    throw Failure(
      .unavailable, "this host cannot run virtual machines in the guest",
      hint: "leave out '--nested'; an M3 or later and macOS 15 or later are needed")
  }
}

/// The drivers there are.
enum DriverName: String, CaseIterable, ExpressibleByArgument {
  case vfkit
  case krunkit
  case qemu

  /// The one that comes with the platform.
  static var platformDefault: DriverName { Platform.isDarwin ? .vfkit : .qemu }

  /// How its guests are reached unless the user says otherwise.
  var access: AccessName {
    switch self {
    case .vfkit, .krunkit: .nat
    case .qemu: .user
    }
  }

  /// What steers the driver once it has been started.
  func control(of machine: Machine) -> any Control {
    let socket = machine.controlSocket
    switch self {
    case .vfkit:
      return RESTControl(socket: socket, dialect: .vfkit, access: machine.access.endpoint)
    case .krunkit: return RESTControl(socket: socket, dialect: .krunkit)
    case .qemu:
      let forwardsSSH = if case .user = machine.access { true } else { false }
      return QMP(socket: socket, forwardsSSH: forwardsSSH)
    }
  }
}

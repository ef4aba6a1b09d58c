import VirbyKit

/// What a process started here gets besides its standard streams.
///
/// Each thing has a role, and each role a number that is given here and nowhere else: no two things can have the same.
struct Inheritance {
  /// What a descriptor is for; the raw value is its number in the process that gets it.
  enum Role: Int32 {
    /// What a companion serves: its end of the network, or the socket that it listens on. Scripts that run
    /// vmnet-helper by sudo(8) keep this number open.
    case service = 3
    /// The driver's end of the network.
    case network = 4
    /// The disk's lock.
    case lock = 5
    /// The pipe that tells the guard whether the driver lives: either end.
    case leash = 6
    /// An image to boot from.
    case image = 7

    /// The name that a program opens it by.
    var path: String { "/dev/fd/\(rawValue)" }
  }

  private let roles: [Role: Descriptor]

  /// - Throws: 70 if a role is given twice.
  init(_ all: [(Role, Descriptor)]) throws(Failure) {
    var roles: [Role: Descriptor] = [:]
    for (role, descriptor) in all {
      guard roles.updateValue(descriptor, forKey: role) == nil else {
        throw Failure(.bug, "two descriptors are to be '\(role)' in one process")
      }
    }
    self.roles = roles
  }

  /// The descriptors by their numbers, for `Child.spawn`.
  var numbers: [Int32: Descriptor] {
    Dictionary(uniqueKeysWithValues: roles.map { ($0.rawValue, $1) })
  }
}

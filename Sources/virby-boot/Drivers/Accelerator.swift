import ArgumentParser
import VirbyKit

/// What QEMU runs the guest's instructions with.
enum Accelerator: String, CaseIterable, ExpressibleByArgument {
  case kvm
  case hvf
  case tcg

  /// The value of `-accel`.
  var option: String { self == .tcg ? "tcg,thread=multi" : rawValue }

  /// The value of `-cpu`: the host's own, or all that can be emulated.
  var cpu: String { self == .tcg ? "max" : "host" }

  /// - Throws: 69 if a guest that it runs can have no virtual machines of its own.
  func refuseNestingUnlessSupported() throws(Failure) {
    switch self {
    case .tcg: return
    case .kvm where Platform.kernelNests != false: return
    case .kvm, .hvf:
      throw Failure(
        .unavailable, "accelerator '\(rawValue)' cannot run virtual machines in the guest",
        hint: "leave out '--nested'")
    }
  }

  /// The accelerator that works here, found by trying.
  ///
  /// A /dev/kvm that can be opened proves little: on some hosts the firmware takes seconds and a kernel
  /// never comes up. So a guest of one boot sector is run, whose only act is to end QEMU with a status
  /// that QEMU does not use for errors. It takes a tenth of a second; it is given a whole one.
  static func working(log: Diagnostics) throws(Failure) -> Accelerator {
    if Platform.isDarwin { return .hvf }
    guard Path.isUsable("/dev/kvm") else {
      log.explain("accelerator tcg: '/dev/kvm' cannot be opened")
      return .tcg
    }
    if try ProbeGuest.runs(with: .kvm) {
      log.explain("accelerator kvm: a probe guest came up")
      return .kvm
    }
    log.explain("accelerator tcg: a probe guest did not come up with kvm within a second")
    return .tcg
  }
}

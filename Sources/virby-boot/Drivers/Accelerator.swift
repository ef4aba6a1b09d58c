import ArgumentParser
import VirbyKit

/// What QEMU runs the guest's instructions with.
enum Accelerator: String, CaseIterable, ExpressibleByArgument {
  case kvm
  case hvf
  case tcg

  /// The value of `-accel`.
  ///
  /// With a thread for each processor, QEMU before 8.1 (its commit deba7870) keeps running what one of them has
  /// translated while another changed it. Linux patches itself so as it boots, and one boot in fifty panicked with "Oops:
  /// int3" on a busy host. With one thread for all it is ready no later.
  var option: String { self == .tcg ? "tcg,thread=single" : rawValue }

  /// The value of `-cpu`: the host's own, or all that can be emulated.
  ///
  /// The algorithm that ARM gives for pointer authentication takes an emulator most of its time; processors
  /// may have one of their own instead ("Arm CPU Features" in QEMU's manual).
  func cpu(of architecture: Architecture) -> String {
    if self != .tcg { return "host" }
    return architecture == .arm64 ? "max,pauth-impdef=on" : "max"
  }

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

  /// The accelerator that works here for a guest of that architecture, found by trying.
  ///
  /// A /dev/kvm that can be opened proves little: on some hosts the firmware takes seconds and a kernel
  /// never comes up. So a guest of one boot sector is run, whose only act is to end QEMU with a status
  /// that QEMU does not use for errors. It takes a tenth of a second; it is given a whole one.
  ///
  /// - Parameter isTried: Whether a guest is run; if not, a /dev/kvm that can be opened is taken at its word.
  static func working(
    for architecture: Architecture, trying isTried: Bool, log: Diagnostics
  ) throws(Failure) -> Accelerator {
    guard architecture == .host else {
      log.explain("accelerator tcg: the host's processor does not run '\(architecture.rawValue)'")
      return .tcg
    }
    if Platform.isDarwin { return .hvf }
    guard Path.isUsable("/dev/kvm") else {
      log.explain("accelerator tcg: '/dev/kvm' cannot be opened")
      return .tcg
    }
    if !isTried { return .kvm }
    if try ProbeGuest.runs(with: .kvm) {
      log.explain("accelerator kvm: a probe guest came up")
      return .kvm
    }
    log.explain("accelerator tcg: a probe guest did not come up with kvm within a second")
    return .tcg
  }
}

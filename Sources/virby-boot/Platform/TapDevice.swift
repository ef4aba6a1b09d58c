import CVirby
import VirbyKit

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// A tap device of the Linux kernel: an Ethernet interface whose other end is a program.
enum TapDevice {
  /// Makes sure that this process may attach to the device, by attaching for a moment (TUNSETIFF).
  ///
  /// - Throws: 71 if there is no such device or no permission, 64 where there are no tap devices.
  static func check(_ name: String) throws(Failure) {
    #if !canImport(Darwin)
      // TUNSETIFF would make a device that is not there.
      if if_nametoindex(name) == 0 {
        throw .system(
          "cannot attach to the tap device '\(name)'", hint: "ip tuntap add mode tap \(name)")
      }
      let tunnel = try Descriptor.open("/dev/net/tun", O_RDWR)
      if cvirby_ioctl_tunsetiff(tunnel.raw, name) != 0 {
        throw .system(
          "cannot attach to the tap device '\(name)'",
          hint: errno == EPERM ? "ip tuntap add mode tap user $USER \(name)" : nil)
      }
    #else
      throw Failure(.usage, "cannot attach to '\(name)': only Linux has tap devices")
    #endif
  }
}

import ArgumentParser
import VirbyKit

/// How a guest of QEMU gets a folder of the host.
enum SharingProtocol: String, CaseIterable, ExpressibleByArgument {
  /// By QEMU itself.
  case ninep = "9p"
  /// By virtiofsd(1), a process beside QEMU that reads the guest's memory; as on macOS.
  case virtiofs
}

/// Folders by virtiofs.
extension QEMUDriver {
  /// Where distributions put virtiofsd: Debian before 13, with QEMU; Debian and Fedora; Arch.
  private static let places = [
    "/usr/lib/qemu/virtiofsd", "/usr/libexec/virtiofsd", "/usr/lib/virtiofsd",
  ]

  func companions(of machine: Machine, group: Int32) throws(Failure) -> [Companion] {
    var companions: [Companion] = []
    for (index, share) in machine.shares.enumerated() where isByVirtiofs(share) {
      let path = machine.socket(ofShare: index)
      let socket = try ListeningSocket(at: .unix(path: path))
      socket.descriptor.setBlocking()
      let program = Self.places.first(where: Path.exists) ?? "virtiofsd"
      companions.append(
        try Companion(
          [program, "--fd=3", "-o", "source=\(try whole(share.folder))"], ready: .atOnce,
          inheriting: [3: socket.descriptor], leaving: path, group: group))
    }
    return companions
  }

  func virtiofs(_ share: Machine.Share, _ socket: String) -> [String] {
    ["-chardev", "socket,id=\(Path.split(socket).name),path=\(escaped(socket))"]
      + [
        "-device",
        "vhost-user-fs-pci,chardev=\(Path.split(socket).name),tag=\(escaped(share.tag))",
      ]
  }
}

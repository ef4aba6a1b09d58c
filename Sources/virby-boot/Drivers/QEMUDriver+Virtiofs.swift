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
  /// The argument vector of the virtiofsd that is installed, but for how it listens: the one in C that came
  /// with QEMU before 8.0, as in Debian 12, or its successor in Rust.
  private func virtiofsd(_ folder: String) throws(Failure) -> [String] {
    let old = "/usr/lib/qemu/virtiofsd"
    if Path.exists(old) {
      return [old, "-o", "log_level=err", "-o", "source=\(try whole(folder))"]
    }
    let places = ["/usr/libexec/virtiofsd", "/usr/lib/virtiofsd"]
    let program = places.first(where: Path.exists) ?? "virtiofsd"
    return [program, "--log-level", "error", "--shared-dir", folder]
  }

  func companions(of machine: Machine, group: Int32) throws(Failure) -> [Companion] {
    var companions: [Companion] = []
    for (index, share) in machine.shares.enumerated() where sharing == .virtiofs {
      let path = machine.socket(ofShare: index)
      let socket = try ListeningSocket(at: .unix(path: path))
      socket.descriptor.setBlocking()
      companions.append(
        try Companion(
          virtiofsd(share.folder) + ["--fd=\(Inheritance.Role.service.rawValue)"], ready: .atOnce,
          serving: socket.descriptor, leaving: path, group: group))
    }
    return companions
  }

  /// What serves the folders by hand.
  func virtiofsds(of machine: Machine) throws(Failure) -> [String] {
    guard sharing == .virtiofs else { return [] }
    var lines: [String] = []
    for (index, share) in machine.shares.enumerated() {
      let path = machine.socket(ofShare: index)
      let socket = shellQuoted(path)
      let words = try virtiofsd(share.folder) + ["--socket-path=\(path)"]
      lines.append("rm -f \(socket)")
      lines.append(words.map(shellQuoted).joined(separator: " ") + " &")
      lines.append("while [ ! -S \(socket) ] && kill -0 $!; do sleep 0.1; done")
    }
    return lines
  }

  func virtiofs(_ share: Machine.Share, _ socket: String) -> [String] {
    ["-chardev", "socket,id=\(Path.split(socket).name),path=\(escaped(socket))"]
      + [
        "-device",
        "vhost-user-fs-pci,chardev=\(Path.split(socket).name),tag=\(escaped(share.tag))",
      ]
  }
}

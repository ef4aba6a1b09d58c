import VirbyKit

/// A virtual machine as its user describes it; how a driver is told so is the driver's affair.
struct Machine {
  /// What the machine starts from.
  enum Start {
    /// The firmware looks on the disk; it keeps its variables in that file.
    case firmware(store: String)
    /// This kernel, with an initial RAM disk and a command line.
    case kernel(String, initrd: String?, commandLine: String)
  }

  /// How the guest's SSH server is reached.
  enum Access {
    /// At an address that the guest gets by DHCP; on Linux by way of that tap device.
    case nat(tap: String?)
    /// Through a port on 127.0.0.1 that the driver picks.
    case user
    /// Through a Unix socket that leads to the guest's vsock port 22.
    case vsock(socket: String)

    /// Where that is, if it is known before the guest runs.
    var endpoint: Endpoint? {
      if case .vsock(let socket) = self { .unix(path: socket) } else { nil }
    }
  }

  /// A folder of the host that the guest may mount.
  struct Share {
    let tag: String
    let folder: String
    let isReadOnly: Bool
  }

  /// The raw image, an absolute path.
  let disk: String
  let cpus: Int
  let memory: ByteSize
  let address: MACAddress
  let start: Start
  let access: Access
  let shares: [Share]
  /// Where the console goes.
  let serial: String?
  /// The driver's control socket.
  let controlSocket: String
  let hasRosetta: Bool
  let isNested: Bool
  /// The guest's vsock port at which an agent sets its clock when the host wakes.
  let timesyncPort: UInt32?

  /// The socket of what shares one of the folders.
  func socket(ofShare index: Int) -> String {
    Path.join(Path.split(controlSocket).folder, "share\(index).sock")
  }

  /// The memory in MiB, the unit that drivers speak.
  var mebibytes: Int64 { memory.bytes >> 20 }
}

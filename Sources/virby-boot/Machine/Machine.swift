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

    /// Bytes of the longest tag: virtio-fs has room for 36, one of them a NUL.
    static let longestTag = 35
  }

  /// The raw image, an absolute path.
  let disk: String
  /// A second one, which holds the guest's store.
  var store: String?
  /// A second disk, which the guest can only read: what a stock cloud image is told by.
  let seed: String?
  let cpus: Int
  let memory: ByteSize
  let address: MACAddress
  let start: Start
  let access: Access
  let shares: [Share]
  /// Where the console goes.
  let serial: String?
  /// Where a second console is reached, if the guest has one; vfkit takes a pseudo-terminal instead.
  let consoleSocket: String?
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

  /// Whether the firmware looks on the disk for what to start.
  var startsByFirmware: Bool { if case .firmware = start { true } else { false } }

  /// The memory in MiB, the unit that drivers speak.
  var mebibytes: Int64 { memory.bytes >> 20 }
}

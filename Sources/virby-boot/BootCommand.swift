import ArgumentParser
import VirbyKit

@main
struct BootCommand: VirbyCommand {
  static let configuration = CommandConfiguration(
    commandName: "virby-boot", abstract: "Run one virtual machine in the foreground.",
    version: version)

  @OptionGroup var options: MachineOptions

  @Option(help: "The program that runs the machine: vfkit or qemu.")
  var driver = DriverName.platformDefault

  @Option(help: "What qemu runs the guest with: kvm, hvf or tcg.")
  var accelerator: Accelerator?

  @Option(help: "How long the driver may take to come up.")
  var startTimeout = Duration.seconds(30)

  @Option(help: "How long the whole stop may take.")
  var stopTimeout = Duration.seconds(60)

  @Option(help: "How long to wait for a disk that is in use.")
  var waitLock = Duration.zero

  @Flag(help: "Print the driver's argument vector, one word a line, and end.")
  var print = false

  @OptionGroup var verbosity: VerbosityOptions

  func run() throws {
    let log = verbosity.diagnostics(for: Self._commandName)
    let folder = try ControlFolder(options.control, disk: DiskImage.locate(options.disk))
    let machine = try options.machine(driver: driver, controlFolder: folder)
    let driver = try runner(log: log)
    let arguments = try driver.arguments(for: machine)
    if print { return try printAnswer(arguments.map(shellQuoted).joined(separator: "\n")) }

    let disk = try DiskImage(options.disk, until: .now + waitLock)
    let console = try prepare(machine)
    try folder.make()
    defer { folder.remove() }
    let stage = try Stage(readsEvents: false, also: [SIGCHLD])
    let orphanGuard = try OrphanGuard(clearing: folder)
    defer { orphanGuard.dismiss() }
    let mark = UncleanMark(disk: disk.path, log: log)
    mark.report()
    let child = try mark.set { () throws(Failure) in
      try Child.spawn(
        arguments, inheriting: [3: disk.lock.descriptor], group: orphanGuard.group)
    }
    orphanGuard.watch(child)
    try Supervisor(
      child, of: driver, running: machine, stage: stage, mark: mark, console: console, log: log
    )
    .run(startTimeout: startTimeout, stopTimeout: stopTimeout)
    stage.end()
  }

  private func runner(log: Diagnostics) throws(Failure) -> any Driver {
    switch driver {
    case .vfkit: return VfkitDriver()
    case .qemu:
      if let accelerator { return QEMUDriver(accelerator: accelerator) }
      return QEMUDriver(accelerator: try .working(log: log))
    }
  }

  /// Makes the files that the driver expects, and looks at the device that it cannot report on.
  private func prepare(_ machine: Machine) throws(Failure) -> ConsoleLog? {
    if case .nat(let tap?) = machine.access { try TapDevice.check(tap) }
    if driver == .qemu, case .firmware(let store) = machine.start {
      try Firmware.installed().makeStore(store)
    }
    return try machine.serial.flatMap(ConsoleLog.init)
  }
}

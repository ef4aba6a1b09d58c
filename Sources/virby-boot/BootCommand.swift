import ArgumentParser
import VirbyKit

@main
struct BootCommand: VirbyCommand {
  static let configuration = CommandConfiguration(
    commandName: "virby-boot", abstract: "Run one virtual machine in the foreground.",
    version: version)

  @OptionGroup var options: MachineOptions

  @Option(help: "The program that runs the machine: vfkit, krunkit or qemu.")
  var driver = DriverName.platformDefault

  @Option(help: "What qemu runs the guest with: kvm, hvf or tcg.")
  var accelerator: Accelerator?

  @Option(help: "How qemu shares the folders of '--share': 9p or virtiofs.")
  var shareBy: SharingProtocol?

  @Option(help: "How long the driver may take to come up.")
  var startTimeout = Duration.seconds(30)

  @Option(help: "How long the whole stop may take.")
  var stopTimeout = Duration.seconds(60)

  @Option(help: "How long to wait for a disk that is in use.")
  var waitLock = Duration.zero

  @Flag(help: "Print the driver's argument vector, one word a line, and end.")
  var print = false

  @Flag(name: .customLong("guard"), help: .private)
  var isGuard = false

  @OptionGroup var verbosity: VerbosityOptions

  func validate() throws {
    if driver != .qemu && (accelerator != nil || shareBy != nil) {
      throw ValidationError("'--accelerator' and '--share-by' need '--driver qemu'")
    }
  }

  func run() throws {
    let log = verbosity.diagnostics(for: Self._commandName)
    let folder = try ControlFolder(options.control, disk: DiskImage.locate(options.disk))
    let machine = try options.machine(driver: driver, controlFolder: folder)
    if isGuard {
      return try OrphanedMachine(of: driver.control(of: machine), log: log)
        .stop(within: stopTimeout)
    }
    let driver = try runner(log: log)
    let words = try driver.arguments(for: machine)
    if print { return try printAnswer(words.map(shellQuoted).joined(separator: "\n")) }

    let disk = try DiskImage(options.disk, until: .now + waitLock)
    let console = try prepare(machine)
    try folder.make()
    // While the lock is held, or it would be the next start's.
    defer { withExtendedLifetime(disk) { folder.remove() } }
    let stage = try Stage(readsEvents: false, also: [SIGCHLD])
    let orphanGuard = try OrphanGuard(of: disk, clearing: folder)
    defer { orphanGuard.dismiss() }
    let companions = try driver.companions(of: machine, group: orphanGuard.group)
    defer { for companion in companions { companion.dismiss(log: log) } }
    for companion in companions where !(try companion.comesUp(on: stage, within: startTimeout)) {
      return stage.end()
    }
    let mark = UncleanMark(disk: disk.path, log: log)
    mark.report()
    let child = try mark.set { () throws(Failure) in
      // Once more the words: while the disk was waited for, another machine may have made its EFI store.
      try Child.spawn(
        driver.arguments(for: machine), output: driver.hasNoisyOutput ? .null() : nil,
        inheriting: companions.reduce(into: orphanGuard.lending) {
          $0.merge($1.lending) { $1 }
        },
        group: orphanGuard.group)
    }
    try Supervisor(
      child, of: driver, running: machine, stage: stage, companions: companions, mark: mark,
      console: console, log: log
    )
    .run(startTimeout: startTimeout, stopTimeout: stopTimeout)
    stage.end()
  }

  private func runner(log: Diagnostics) throws(Failure) -> any Driver {
    switch driver {
    case .vfkit: return VfkitDriver(isVerbose: log.level == .explanations)
    case .krunkit: return KrunkitDriver(isVerbose: log.level == .explanations)
    case .qemu:
      // `??` would take any error for one of its own.
      let accelerator =
        if let accelerator { accelerator } else { try Accelerator.working(log: log) }
      return QEMUDriver(accelerator: accelerator, sharing: shareBy ?? .ninep)
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

import ArgumentParser
import VirbyKit

@main
struct BootCommand: VirbyCommand {
  static let configuration = CommandConfiguration(
    commandName: "virby-boot", abstract: "Run one virtual machine in the foreground.",
    version: versionText)

  @OptionGroup var options: MachineOptions

  @Option(help: "The program that runs the machine: vfkit, krunkit or qemu.")
  var driver = DriverName.platformDefault

  @Option(help: "What qemu's guest is made of: amd64 or arm64; by default what the host is.")
  var arch: Architecture?

  @Option(help: "What qemu accelerates the guest with: kvm, hvf or tcg.")
  var accelerator: Accelerator?

  @Option(help: "How qemu shares folders: 9p or virtiofs.")
  var shareBy: SharingProtocol?

  @Option(help: "How long the driver may take to come up.")
  var startTimeout = Duration.seconds(30)

  @Option(help: "How long the whole stop may take.")
  var stopTimeout = Duration.seconds(60)

  @Option(help: "How long to wait for a disk that is in use.")
  var waitLock = Duration.zero

  @Option(
    help: ArgumentHelp(
      "Write the events to this descriptor too, for whoever stays when stdout hangs up.",
      valueName: "fd:n"))
  var events: EventCopy?

  @Flag(help: "Print a script that starts the machine by hand, and exit.")
  var print = false

  @Flag(name: .customLong("guard"), help: .private)
  var isGuard = false

  @OptionGroup var verbosity: VerbosityOptions

  func validate() throws {
    if driver != .qemu && (arch != nil || accelerator != nil || shareBy != nil) {
      throw ValidationError("'--arch', '--accelerator' and '--share-by' need '--driver qemu'")
    }
    if let arch, arch != .host, let accelerator, accelerator != .tcg {
      throw ValidationError(
        "'--accelerator \(accelerator.rawValue)' cannot run '--arch \(arch.rawValue)' on this host")
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
    if print {
      let script = StartScript(
        machine: machine, driver: driver, folder: folder, keys: options.keys,
        settings: options.settings)
      return try printAnswer(script.text())
    }
    // Before the disk is waited for.
    _ = try driver.arguments(for: machine)

    try events?.open()
    let stage = try Stage(readsEvents: false, also: [.child])
    if let disk = try image(options.disk, needsTable: machine.startsByFirmware, on: stage) {
      let store: DiskImage? =
        if let path = options.store { try image(path, needsTable: false, on: stage) } else { nil }
      defer { withExtendedLifetime(store) {} }
      if options.store == nil || store != nil {
        try driver.check(within: startTimeout, log: log)
        try run(machine, from: disk, by: driver, on: stage, in: folder, log: log)
      }
    }
    stage.end()
  }

  /// Locks a disk; waits for one that is in use, ten times a second.
  ///
  /// - Returns: nil if the stage is asked to stop meanwhile.
  private func image(_ path: String, needsTable: Bool, on stage: Stage) throws(Failure)
    -> DiskImage?
  {
    let end = ContinuousClock.now + waitLock
    let lock = try patiently(until: end, on: stage) { () throws(Failure) in
      try DiskImage.lock(path)
    }
    guard let lock else { return nil }
    return try patiently(until: end, on: stage) { () throws(Failure) in
      try DiskImage(path, locked: lock, needsTable: needsTable)
    }
  }

  /// Tries ten times a second.
  private func patiently<Result>(
    until end: ContinuousClock.Instant, on stage: Stage, _ attempt: () throws(Failure) -> Result
  ) throws(Failure) -> Result? {
    while true {
      do throws(Failure) {
        return try attempt()
      } catch  where error.status == .later && end > .now {
        switch try stage.next(until: min(end, .now + .milliseconds(100))) {
        case .hangup: return nil
        case .signal(let signal) where signal != .child: return nil
        default: break
        }
      }
    }
  }

  /// Starts the driver and what it needs, and stays until nothing is left of them.
  private func run(
    _ machine: Machine, from disk: DiskImage, by driver: any Driver, on stage: Stage,
    in folder: ControlFolder, log: Diagnostics
  ) throws(Failure) {
    let console = try prepare(machine)
    try folder.make()
    // While the lock is held, or it would be the next start's.
    defer { withExtendedLifetime(disk) { folder.remove() } }
    let guestKeys = GuestKeys(in: folder)
    defer { guestKeys.remove(log: log) }
    try guestKeys.make(of: options.keys, with: options.settings, log: log)
    let orphanGuard = try OrphanGuard(of: disk, clearing: folder)
    defer { orphanGuard.dismiss() }
    let companions = try driver.companions(of: machine, group: orphanGuard.group)
    defer { for companion in companions { companion.dismiss(log: log) } }
    for companion in companions where !(try companion.comesUp(on: stage, within: startTimeout)) {
      return
    }
    let mark = UncleanMark(disk: disk.path, log: log)
    mark.report()
    let child = try mark.set { () throws(Failure) in
      // Once more the words: while the disk was waited for, another machine may have made its EFI store.
      try Child.spawn(
        driver.arguments(for: machine), output: driver.hasNoisyOutput ? .null() : nil,
        inheriting: orphanGuard.inheritance(with: companions).numbers,
        group: orphanGuard.group)
    }
    try Supervisor(
      child, of: driver, running: machine, stage: stage, companions: companions, mark: mark,
      console: console, events: events, log: log, startTimeout: startTimeout,
      stopTimeout: stopTimeout
    )
    .run()
  }

  private var architecture: Architecture { arch ?? .host }

  private func runner(log: Diagnostics) throws(Failure) -> any Driver {
    switch driver {
    case .vfkit: return VfkitDriver(isVerbose: log.level == .explanations)
    case .krunkit: return KrunkitDriver(isVerbose: log.level == .explanations)
    case .qemu:
      // `??` would take any error for one of its own.
      let accelerator =
        if let accelerator { accelerator } else {
          try Accelerator.working(for: architecture, trying: !print, log: log)
        }
      return QEMUDriver(
        architecture: architecture, accelerator: accelerator, sharing: shareBy ?? .ninep)
    }
  }

  /// Makes the files that the driver expects, and looks at the device that it cannot report on.
  private func prepare(_ machine: Machine) throws(Failure) -> ConsoleLog? {
    if case .nat(let tap?) = machine.access { try TapDevice.check(tap) }
    if driver == .qemu, case .firmware(let store) = machine.start {
      try Firmware.installed(for: architecture).makeStore(store)
    }
    return try machine.serial.flatMap(ConsoleLog.init)
  }
}

import ArgumentParser
import VirbyKit

/// `create`: a disk appears under its name complete, or not at all.
struct CreateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "create", abstract: "Make a disk from a raw image.")

  @OptionGroup var verbosity: VerbosityOptions

  @Flag(help: "Replace an existing disk.")
  var replace = false

  @OptionGroup var size: SizeOption

  @Argument(help: "The raw image to start from; '-' reads stdin.", completion: .file())
  var base: String

  @Argument(help: "The disk to create.", completion: .file())
  var disk: String

  func validate() throws {
    if disk.isEmpty || disk == "-" { throw ValidationError("'\(disk)' cannot name a disk") }
  }

  func run() throws {
    let log = verbosity.diagnostics(for: ImageCommand._commandName)
    if !replace { try refuseExisting() }
    let image = try BaseImage(path: base)
    if let known = image.disk { _ = try Growth(of: known, to: size.size) }

    var file = try AtomicFile(path: disk, mode: 0o600)
    if !replace { try file.checkThatItNeedNotReplace() }
    let lock = try DiskLock(of: Path.absolute(disk), named: disk)
    let old = try lockExisting(with: lock, unless: image)
    try fill(&file, from: image, log: log)
    let growth = try Growth(of: Disk(file.descriptor, name: image.name), to: size.size)
    var made = try Disk(file.descriptor, name: disk)
    try made.apply(growth, log: log)
    try removeCompanions()
    try file.commit(replacing: replace)
    // The old disk stays locked until its name is gone, and its name until the new one has it.
    withExtendedLifetime((old, lock)) {}
  }

  private func fill(
    _ file: inout AtomicFile, from image: BaseImage, log: Diagnostics
  ) throws(Failure) {
    if image.disk != nil, try file.clone(image.descriptor, sourcePath: image.name) {
      log.explain("cloned '\(image.name)'")
      return
    }
    let action = "cannot copy '\(image.name)' to '\(disk)'"
    var writer = SparseWriter(file.descriptor, action: action)
    let bar = ProgressBar("copying", total: image.disk?.size, log: log)
    defer { bar.erase() }
    try image.copy(to: &writer, atMost: size.size, showing: bar)
    try writer.finish()
    // On a slow disk most of the time goes by here, and the bar is still to be seen.
    try synchronize(file.descriptor, path: disk)
    bar.erase()
    log.explain("copied '\(image.name)': \(writer.written) of \(writer.end) bytes are not zero")
  }

  /// Removes what virby-boot(1) keeps beside an old disk of that name: the firmware's variables, which name
  /// partitions that the new one does not have, and the mark of an end that was another's.
  private func removeCompanions() throws(Failure) {
    for file in ["\(disk).efi", "\(disk).unclean"] {
      let code = Path.remove(file)
      if code != 0 { throw .system("cannot remove '\(file)'", code) }
    }
  }

  private func refuseExisting() throws(Failure) {
    if Path.kind(disk) == nil { return }
    if base != "-", Path.kind(base) == nil {
      throw Failure(
        .system, "cannot open '\(base)': No such file or directory",
        hint: "the image comes first: virby-image create \(shellQuoted(disk)) \(shellQuoted(base))")
    }
    throw Failure(
      .system, "cannot create '\(disk)': File exists", hint: "'--replace' deletes the old disk")
  }

  /// Locks the disk that is to be replaced, if there is one, so that no VM runs from it.
  private func lockExisting(with lock: DiskLock, unless image: BaseImage) throws -> FileLock? {
    if !replace { return nil }
    switch Path.kind(disk) {
    case nil: return nil
    case .file: break
    default: throw Failure(.system, "cannot replace '\(disk)': Not a regular file")
    }
    if image.descriptor.identity == Path.identity(disk) {
      throw ValidationError("'\(base)' and '\(disk)' are the same file")
    }
    return try lock.openDisk(writing: false)
  }
}

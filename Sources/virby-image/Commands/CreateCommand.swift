import ArgumentParser
import VirbyKit

/// `create`: a disk appears under its name complete, or not at all.
struct CreateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "create", abstract: "Make a disk from a raw image.")

  @OptionGroup var verbosity: VerbosityOptions

  @Flag(help: "Let the new disk take the place of an old one.")
  var replace = false

  @OptionGroup var size: SizeOption

  @Argument(help: "The raw image to start from; '-' reads stdin.")
  var base: String

  @Argument(help: "The disk to make.")
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
    let old = try replace ? lockExisting(unless: image) : nil
    try fill(&file, from: image, log: log)
    let growth = try Growth(of: Disk(file.descriptor, name: image.name), to: size.size)
    var made = try Disk(file.descriptor, name: disk)
    try made.apply(growth, log: log)
    try removeCompanions()
    try file.commit(replacing: replace)
    // The old disk stays locked until its name is gone.
    withExtendedLifetime(old) {}
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
    var status = stat()
    if lstat(disk, &status) != 0 { return }
    throw .system(
      "cannot create '\(disk)'", EEXIST, hint: "'--replace' gives up the old disk for a new one")
  }

  /// Locks the disk that is to be replaced, if there is one, so that no VM runs from it.
  private func lockExisting(unless image: BaseImage) throws -> FileLock? {
    var status = stat()
    guard lstat(disk, &status) == 0 else { return nil }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw Failure(.system, "cannot replace '\(disk)': Not a regular file")
    }
    if image.isFile(status) {
      throw ValidationError("'\(base)' and '\(disk)' are the same file")
    }
    return try FileLock.open(disk, O_RDONLY | O_NOFOLLOW)
  }
}

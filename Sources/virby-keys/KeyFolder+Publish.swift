import VirbyKit

extension KeyFolder {
  private static let stage = ".new"

  /// Writes files and makes them appear: all of them are on the disk before the first one has its name.
  ///
  /// rename(2) makes each appear whole. There is no call that makes several files appear at once, and
  /// none is needed: the two private keys come first and are on the disk before anything that follows
  /// from them, so whatever kills us, the next run completes the same set.
  ///
  /// - Throws: 71; if a file could not be written, nothing has changed.
  func publish(_ repairs: [Repair]) throws(Failure) {
    try discardStage()
    if repairs.isEmpty { return }
    do throws(Failure) {
      try fillStage(repairs)
      let files = KeySetFile.allCases.filter { repairs.map(\.file).contains($0) }
      try move(files.filter(\.isOriginal))
      try move(files.filter { !$0.isOriginal })
    } catch {
      // What stopped us is the first cause; what stays behind the next run removes.
      try? discardStage()
      throw error
    }
    try discardStage()
  }

  private func fillStage(_ repairs: [Repair]) throws(Failure) {
    for folder in [Self.stage, "\(Self.stage)/\(KeySetFile.guest)"]
    where mkdirat(descriptor.raw, folder, 0o700) != 0 {
      throw .system("cannot write to '\(path)'")
    }
    for repair in repairs {
      let name = name(of: repair.file)
      let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
      let raw = openat(
        descriptor.raw, "\(Self.stage)/\(repair.file.rawValue)", flags, mode_t(repair.file.mode))
      if raw < 0 { throw .system("cannot write '\(name)'") }
      let file = Descriptor(owning: raw)
      let count = repair.text.withBytes { write(raw, $0.baseAddress, $0.count) }
      // A short write to a regular file means that the disk is full.
      if count != repair.text.count {
        throw .system("cannot write '\(name)'", count < 0 ? errno : ENOSPC)
      }
      try synchronize(file, path: name)
    }
  }

  /// Moves files to their places, and puts the folders' entries on the disk.
  private func move(_ files: [KeySetFile]) throws(Failure) {
    if files.isEmpty { return }
    let guestIsThere = try openFolder(KeySetFile.guest) != nil
    var names: [String] = []
    for file in files {
      // The guest's folder appears whole.
      let name = file.isGuests && !guestIsThere ? KeySetFile.guest : file.rawValue
      if names.last != name { names.append(name) }
    }
    for name in names
    where renameat(descriptor.raw, "\(Self.stage)/\(name)", descriptor.raw, name) != 0 {
      throw .system("cannot write '\(path)/\(name)'")
    }
    if let guest = try openFolder(KeySetFile.guest) {
      try synchronize(guest, path: "\(path)/\(KeySetFile.guest)")
    }
    try synchronize(descriptor, path: path)
  }

  /// Removes what this or a killed run has left: only files of ours.
  private func discardStage() throws(Failure) {
    // A symbolic link under these names would lead us to someone else's files.
    guard try openFolder(Self.stage) != nil else { return }
    _ = try openFolder("\(Self.stage)/\(KeySetFile.guest)")
    let files = KeySetFile.allCases.map { ("\(Self.stage)/\($0.rawValue)", Int32(0)) }
    let folders = ["\(Self.stage)/\(KeySetFile.guest)", Self.stage].map { ($0, AT_REMOVEDIR) }
    for (name, flags) in files + folders
    where unlinkat(descriptor.raw, name, flags) != 0 && errno != ENOENT {
      throw .system("cannot remove '\(path)/\(Self.stage)'")
    }
  }
}

import VirbyKit

extension KeyFolder {
  private static let stage = ".new"

  /// Writes files and makes them appear: all of them are on the disk before the first one has its name.
  ///
  /// rename(2) makes each appear whole. There is no call that makes several files appear at once, and
  /// none is needed: the private keys come first, one by one, and are on the disk before anything that
  /// follows from them, and that is before the guest gets its part. So whatever kills us, the next run
  /// completes the same set.
  ///
  /// - Throws: 71; if a file could not be written, nothing has changed.
  func publish(_ repairs: [Repair], explaining log: Diagnostics) throws(Failure) {
    for repair in repairs {
      log.explain("writing '\(name(of: repair.file))': it \(repair.reason)")
    }
    try discardStage()
    if repairs.isEmpty { return }
    do throws(Failure) {
      try fillStage(repairs)
      let repairs = KeySetFile.allCases.compactMap { file in repairs.first { $0.file == file } }
      for original in repairs where original.file.isOriginal {
        if case .successor = original.source, let half = original.file.publicHalf {
          try remove(half)
        }
        try move([original])
      }
      try move(repairs.filter { !$0.file.isOriginal && !$0.file.isGuests })
      try move(repairs.filter(\.file.isGuests))
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
      guard case .text(let text) = repair.source else { continue }
      let name = name(of: repair.file)
      let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
      let raw = openat(
        descriptor.raw, "\(Self.stage)/\(repair.file.rawValue)", flags, mode_t(repair.file.mode))
      if raw < 0 { throw .system("cannot write '\(name)'") }
      let file = Descriptor(owning: raw)
      let count = text.withBytes { write(raw, $0.baseAddress, $0.count) }
      // A short write to a regular file means that the disk is full.
      if count != text.count {
        throw .system("cannot write '\(name)'", count < 0 ? errno : ENOSPC)
      }
      try synchronize(file, path: name)
    }
  }

  /// Moves files to their places, and puts the folders' entries on the disk.
  private func move(_ repairs: [Repair]) throws(Failure) {
    if repairs.isEmpty { return }
    let guestIsThere = try openFolder(KeySetFile.guest) != nil
    var moves: [(from: String, to: String)] = []
    for repair in repairs {
      // The guest's folder appears whole.
      let name =
        repair.file.isGuests && !guestIsThere ? KeySetFile.guest : repair.file.rawValue
      if moves.last?.to == name { continue }
      switch repair.source {
      case .text: moves.append(("\(Self.stage)/\(name)", name))
      case .successor(let file): moves.append((file.rawValue, name))
      }
    }
    for move in moves
    where renameat(descriptor.raw, move.from, descriptor.raw, move.to) != 0 {
      throw .system("cannot write '\(path)/\(move.to)'")
    }
    if moves.contains(where: { Path.split($0.to).folder == KeySetFile.guest }),
      let guest = try openFolder(KeySetFile.guest)
    {
      try synchronize(guest, path: "\(path)/\(KeySetFile.guest)")
    } else {
      try synchronize(descriptor, path: path)
    }
  }

  /// Removes a public half before its private key changes: ssh(1) uses no private key beside the public
  /// half of another, but does use one beside none (openssh authfile.c, sshconnect2.c).
  private func remove(_ file: KeySetFile) throws(Failure) {
    if unlinkat(descriptor.raw, file.rawValue, 0) != 0 && errno != ENOENT {
      throw .system("cannot remove '\(name(of: file))'")
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

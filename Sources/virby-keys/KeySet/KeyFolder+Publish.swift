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
      let guests = repairs.filter(\.file.isGuests)
      try makeRoom(for: guests.map(\.file))
      try move(guests)
    } catch {
      // What stopped us is the first cause; what stays behind the next run removes.
      try? discardStage()
      throw error
    }
    try discardStage()
  }

  private func fillStage(_ repairs: [Repair]) throws(Failure) {
    for name in [Self.stage, "\(Self.stage)/\(KeySetFile.guest)"] {
      let code = folder.makeFolder(name)
      if code != 0 { throw .system("cannot write to '\(path)'", code) }
    }
    for repair in repairs {
      guard case .text(let text) = repair.source else { continue }
      let name = name(of: repair.file)
      let file = try folder.make(
        "\(Self.stage)/\(repair.file.rawValue)", mode: repair.file.mode, name: name)
      try text.withBytes { (bytes) throws(Failure) in
        try file.write(UnsafeRawBufferPointer(bytes), at: 0, orFail: "cannot write '\(name)'")
      }
      try synchronize(file, path: name)
    }
  }

  /// Moves files to their places, and puts the folders' entries on the disk.
  private func move(_ repairs: [Repair]) throws(Failure) {
    if repairs.isEmpty { return }
    let guestIsThere = try folder.kind(KeySetFile.guest) == .folder
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
    for move in moves {
      let code = folder.rename(move.from, to: move.to)
      if code != 0 { throw .system("cannot write '\(path)/\(move.to)'", code) }
    }
    let isInGuest = moves.contains { Path.split($0.to).folder == KeySetFile.guest }
    let changed = isInGuest ? try folder.folder(KeySetFile.guest) : folder
    try synchronize(changed.descriptor, path: changed.path)
  }

  /// Removes a public half before its private key changes: ssh(1) uses no private key beside the public
  /// half of another, but does use one beside none (openssh authfile.c, sshconnect2.c).
  private func remove(_ file: KeySetFile) throws(Failure) {
    let code = folder.remove(file.rawValue)
    if code != 0 { throw .system("cannot remove '\(name(of: file))'", code) }
    try synchronize(folder.descriptor, path: path)
  }

  /// Removes what this or a killed run has left: only files of ours.
  private func discardStage() throws(Failure) {
    let guest = "\(Self.stage)/\(KeySetFile.guest)"
    // A symbolic link under these names would lead us to someone else's files.
    for name in [Self.stage, guest] {
      switch try folder.kind(name) {
      case nil where name == Self.stage: return
      case nil, .folder: continue
      default: throw Self.refusal("\(path)/\(name)", "it is not a directory")
      }
    }
    let codes =
      KeySetFile.allCases.map { folder.remove("\(Self.stage)/\($0.rawValue)") }
      + [guest, Self.stage].map(folder.removeFolder)
    if let code = codes.first(where: { $0 != 0 }) {
      throw .system("cannot remove '\(path)/\(Self.stage)'", code)
    }
  }
}

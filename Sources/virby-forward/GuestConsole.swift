import VirbyKit

/// The file with the guest's console, which says why a guest does not answer.
struct GuestConsole {
  let path: String

  /// What to say of it, as the end of a sentence.
  var account: String {
    guard let line = lastLine else { return "nothing is in its console's log, '\(path)'" }
    return "the log of its console, '\(path)', ends with: \(line)"
  }

  /// The last line that has something on it, or the end of a long one.
  private var lastLine: String? {
    guard let file = try? Descriptor.openExisting(path, waiting: false, following: false),
      file.isRegularFile, let size = try? file.size(path: path),
      let end = try? file.bytes(count: 2048, at: max(0, size - 2048), path: path)
    else { return nil }
    let lines = end.split { $0 == 10 || $0 == 13 }
    guard let last = lines.last(where: { $0.contains { $0 > 32 } }) else { return nil }
    return String(decoding: last.suffix(160), as: UTF8.self)
  }
}

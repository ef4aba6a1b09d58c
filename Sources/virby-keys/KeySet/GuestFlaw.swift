import VirbyKit

/// What is wrong with the guest's folder. It is not the host's secret and follows from the host's keys, so
/// that nothing in it, and not even the folder, stops the host: it is made good.
enum GuestFlaw: String {
  /// Something else bears its name.
  case other = "it is not a directory"
  /// Its owner may not use it, or others may write to it.
  case mode = "its mode is not 0700"

  /// Looks at the folder.
  ///
  /// - Returns: nil if it can be used, or is not there.
  /// - Throws: 65 if it belongs to someone else, 71 if it cannot be looked at.
  init?(in folder: Folder) throws(Failure) {
    switch try folder.kind(KeySetFile.guest) {
    case nil: return nil
    case .folder: break
    default:
      self = .other
      return
    }
    guard let guest = try? folder.folder(KeySetFile.guest) else {
      self = .mode
      return
    }
    let owner = try Ownership(
      of: guest.descriptor, orFail: "cannot open the folder '\(guest.path)'")
    guard owner.isOurs || owner.user == 0 else {
      throw KeyFolder.refusal(
        guest.path, "it belongs to user \(owner.user)", hint: "run as that user")
    }
    if owner.permissions & 0o22 == 0 && owner.permissions & 0o700 == 0o700 { return nil }
    self = .mode
  }
}

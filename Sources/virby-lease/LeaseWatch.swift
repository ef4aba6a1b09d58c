import VirbyKit

/// When to look again for a lease: at once when the system reports a change, and at intervals in any
/// case, for not every file system reports, and a network that comes up makes a lease live that was not.
final class LeaseWatch {
  /// Between two looks for a lease that is waited for.
  private static let backstop = Duration.seconds(1)
  /// Between two looks for another lease than the one that was found.
  private static let rest = Duration.seconds(60)

  private var directory: DirectoryWatch?
  private let log: Diagnostics
  /// When to look though nothing was reported.
  private(set) var nextLook = ContinuousClock.now + backstop

  /// Starts to watch a file; stdin is not watched. Look once more after this, and before waiting.
  init(of source: LeaseSource, log: Diagnostics) {
    self.log = log
    guard case .file(let path) = source else { return }
    do throws(Failure) { directory = try DirectoryWatch(path: path) } catch { giveUp(error) }
  }

  /// Ready when a change was reported.
  var watch: Watch { directory?.watch ?? .nothing }

  /// Takes the reports; call it when `watch` is ready or `nextLook` has come.
  ///
  /// - Returns: Whether it is time to look.
  func isDue() -> Bool {
    var concerns = false
    do throws(Failure) { concerns = try directory?.renew() ?? false } catch { giveUp(error) }
    guard concerns || nextLook <= .now else { return false }
    nextLook = .now + Self.backstop
    return true
  }

  /// Takes its time: what was waited for has been found.
  func relax() {
    if directory != nil { nextLook = .now + Self.rest }
  }

  private func giveUp(_ failure: Failure) {
    directory = nil
    log.warn("\(failure.message): reading it once a second instead")
  }
}

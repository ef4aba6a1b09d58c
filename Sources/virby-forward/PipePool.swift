import VirbyKit

/// The pipes that directions with much to move share. Each is held for as long as bytes wait in it; when none
/// has been asked for in a second, those that nobody holds are closed.
final class PipePool {
  private static let keep = Duration.seconds(1)

  private let limit: Int
  /// What was refused in a shortage is not asked for again before the pool has been empty.
  private var most: Int
  private var pipes: [SplicePipe] = []
  private var latestUse = ContinuousClock.now

  /// - Parameter limit: The most pipes there may be at once. With none, all bytes are copied.
  init(limit: Int) {
    self.limit = SplicePipe.isSupported ? limit : 0
    most = self.limit
  }

  /// Whether pipes are to be had at all.
  var isUsable: Bool { most > 0 }

  /// How many pipes are open.
  var count: Int { pipes.count }

  /// An empty pipe, for the caller alone for as long as it keeps the reference; nil if all are in use.
  func take(at now: ContinuousClock.Instant = .now) -> SplicePipe? {
    latestUse = now
    for place in pipes.indices where isKnownUniquelyReferenced(&pipes[place]) {
      if pipes[place].count == 0 { return pipes[place] }
      // Its connection broke with bytes in it.
      pipes.remove(at: place)
      break
    }
    guard pipes.count < most else { return nil }
    guard let pipe = try? SplicePipe() else {
      most = pipes.count
      return nil
    }
    pipes.append(pipe)
    return pipe
  }

  /// When pipes that nobody holds are to be closed; nil if there are none.
  var deadline: ContinuousClock.Instant? {
    for place in pipes.indices where isKnownUniquelyReferenced(&pipes[place]) {
      return latestUse + Self.keep
    }
    return nil
  }

  /// Closes what nobody holds, if none has been asked for lately.
  func shrink(at now: @autoclosure () -> ContinuousClock.Instant = .now) {
    guard !pipes.isEmpty, latestUse + Self.keep <= now() else { return }
    for place in pipes.indices.reversed() where isKnownUniquelyReferenced(&pipes[place]) {
      pipes.remove(at: place)
    }
    if pipes.isEmpty { most = limit }
  }
}

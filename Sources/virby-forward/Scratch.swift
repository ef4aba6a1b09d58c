import VirbyKit

/// What all directions of all connections share: a buffer that bytes pass through within one turn, and
/// pipes that a direction holds as long as bytes wait in it. So an idle connection costs neither.
final class Scratch {
  /// The cheapest size in CPU time a byte that is not needlessly large.
  static let size = 256 << 10

  let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 4096)
  private var pipes: [SplicePipe] = []
  private var mostPipes: Int

  /// - Parameter mostPipes: With none, all bytes are copied.
  init(mostPipes: Int) {
    self.mostPipes = SplicePipe.isSupported ? mostPipes : 0
    pipes.reserveCapacity(self.mostPipes)
  }

  deinit { bytes.deallocate() }

  /// Whether pipes are to be had at all.
  var splices: Bool { mostPipes > 0 }

  /// An empty pipe, for the caller alone for as long as it keeps the reference; nil if all are in use.
  func pipe() -> SplicePipe? {
    for place in pipes.indices where isKnownUniquelyReferenced(&pipes[place]) {
      if pipes[place].count == 0 { return pipes[place] }
      // Its connection broke with bytes in it.
      pipes.remove(at: place)
      break
    }
    guard pipes.count < mostPipes else { return nil }
    guard let pipe = try? SplicePipe() else {
      // A shortage: what has been refused is not asked for again.
      mostPipes = pipes.count
      return nil
    }
    pipes.append(pipe)
    return pipe
  }
}

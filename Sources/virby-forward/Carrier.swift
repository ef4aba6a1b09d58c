import VirbyKit

/// What carries bytes from one socket to the other: all directions of all connections share it.
///
/// Its portable form copies them through one buffer. Where there is splice(2), a direction with much to
/// move has them moved through a pipe instead. An idle connection costs neither.
final class Carrier {
  /// How many bytes the buffer holds: the cheapest size in CPU time a byte that is not needlessly large.
  static let size = 256 << 10
  /// So many bytes at once are much: two splices cost more than copying less.
  static let much = 16 << 10

  let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 4096)
  let pipes: PipePool

  /// - Parameter mostPipes: With none it is the portable form, which copies everything.
  init(mostPipes: Int) { pipes = PipePool(limit: mostPipes) }

  deinit { buffer.deallocate() }

  /// Reads once from the source and writes as much of it as the sink takes; the rest waits in the load, which
  /// must be empty.
  ///
  /// - Returns: What came of the read; the sink's failure is told by the load.
  func carry(_ load: inout Load, from source: Leg, to sink: Leg) -> Socket.Transfer {
    if load.isBulk, let transfer = splice(&load, from: source) { return transfer }
    let most = pipes.isUsable && !load.isBulk ? Self.much : Self.size
    let transfer = source.receive(into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<most]))
    if case .moved(let length) = transfer {
      load.isBulk = length >= Self.much
      load.write(UnsafeRawBufferPointer(rebasing: buffer[..<length]), to: sink)
    }
    return transfer
  }

  // Whether the source has ended, or has nothing more, is for a read to say: then there is no answer.
  private func splice(_ load: inout Load, from source: Leg) -> Socket.Transfer? {
    guard let pipe = pipes.take() else { return nil }
    let transfer = pipe.fill(from: source.socket)
    switch transfer {
    case .moved(let length):
      load.isBulk = length >= Self.much
      load.pipe = pipe
      return transfer
    case .failed: return transfer
    case .end, .blocked: return nil
    }
  }
}

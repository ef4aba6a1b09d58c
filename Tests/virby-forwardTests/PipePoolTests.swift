import Testing

@testable import VirbyKit
@testable import virby_forward

@Suite(.enabled(if: SplicePipe.isSupported, "Darwin has no splice(2)")) struct PipePoolTests {
  let pool = PipePool(limit: 1)
  let now = ContinuousClock.now

  @Test func aPipeIsSharedOnceItsHolderLetsGo() throws {
    var pipe = pool.take()
    let first = try #require(pipe.map(ObjectIdentifier.init))
    #expect(pool.take() == nil)
    pipe = nil
    _ = pipe
    #expect(pool.take().map(ObjectIdentifier.init) == first)
  }

  @Test func aPipeThatWasLeftWithBytesInItIsReplaced() throws {
    let (near, far) = try Socket.pair()
    #expect([1, 2, 3].withUnsafeBytes { near.send($0) } != .blocked)
    var pipe = pool.take()
    #expect(pipe?.fill(from: far) != .blocked)
    #expect(pipe?.count != 0)
    pipe = nil
    _ = pipe
    #expect(pool.take()?.count == 0)
  }

  @Test func whatNobodyUsesIsClosedAfterASecond() {
    _ = pool.take(at: now)
    #expect(pool.count == 1)
    #expect(pool.deadline == now + .seconds(1))
    pool.shrink(at: now + .milliseconds(999))
    #expect(pool.count == 1)
    pool.shrink(at: now + .seconds(1))
    #expect(pool.count == 0)
    #expect(pool.deadline == nil)
    #expect(pool.take() != nil)
  }

  @Test func whatIsHeldStaysAndWakesNobody() {
    let pipe = pool.take(at: now)
    #expect(pool.deadline == nil)
    pool.shrink(at: now + .seconds(5))
    #expect(pool.count == 1)
    withExtendedLifetime(pipe) {}
  }

  @Test func withoutPipesThereAreNone() {
    let none = PipePool(limit: 0)
    #expect(!none.isUsable)
    #expect(none.take() == nil)
  }
}

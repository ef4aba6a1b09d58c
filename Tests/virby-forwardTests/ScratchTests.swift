import Testing

@testable import VirbyKit
@testable import virby_forward

@Suite(.enabled(if: SplicePipe.isSupported, "Darwin has no splice(2)")) struct ScratchTests {
  @Test func aPipeIsSharedOnceItsHolderLetsGo() throws {
    let scratch = Scratch(mostPipes: 1)
    var pipe = scratch.pipe()
    let first = try #require(pipe.map(ObjectIdentifier.init))
    #expect(scratch.pipe() == nil)
    pipe = nil
    _ = pipe
    #expect(scratch.pipe().map(ObjectIdentifier.init) == first)
  }

  @Test func aPipeThatWasLeftWithBytesInItIsReplaced() throws {
    let scratch = Scratch(mostPipes: 1)
    let (near, far) = try Socket.pair()
    #expect([1, 2, 3].withUnsafeBytes { near.send($0) } != .blocked)
    var pipe = scratch.pipe()
    #expect(pipe?.fill(from: far) != .blocked)
    #expect(pipe?.count != 0)
    pipe = nil
    _ = pipe
    #expect(scratch.pipe()?.count == 0)
  }

  @Test func withoutPipesThereAreNone() {
    let scratch = Scratch(mostPipes: 0)
    #expect(!scratch.splices)
    #expect(scratch.pipe() == nil)
  }
}

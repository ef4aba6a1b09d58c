import Testing

@testable import VirbyKit

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

@Suite struct HangupTests {
  private func isReady(
    _ descriptor: Descriptor, until deadline: ContinuousClock.Instant = .now
  ) throws -> Bool {
    try poll([Hangup.watch(descriptor.raw)], until: deadline)[0]
  }

  @Test func aPipeHangsUpWhenItsReaderIsGoneAndNotBefore() throws {
    var pipe: (read: Descriptor?, write: Descriptor) = try Descriptor.pipe()
    #expect(writeAll([1], to: pipe.write.raw) == 0)
    #expect(try !isReady(pipe.write))
    pipe.read = nil
    #expect(try isReady(pipe.write, until: soon))
  }

  @Test func aPipeHangsUpOnlyWhenItsLastReaderIsGone() throws {
    var pipe: (read: Descriptor?, write: Descriptor) = try Descriptor.pipe()
    let child = try Child.spawn(["sleep", "1000"], input: pipe.read)
    pipe.read = nil
    #expect(try !isReady(pipe.write))
    child.send(.kill)
    _ = try child.end(within: .seconds(60))
    #expect(try isReady(pipe.write, until: soon))
  }

  @Test func aSocketHangsUp() throws {
    let (writer, other) = try socketPair()
    var reader: Descriptor? = consume other
    _ = reader
    #expect(try !isReady(writer))
    reader = nil
    #expect(try isReady(writer, until: soon))
  }

  @Test func aFileAndDevNullNeverHangUp() throws {
    let folder = try TemporaryFolder()
    try folder.write("", to: "log")
    #expect(try !isReady(Descriptor.open(folder["log"], O_WRONLY)))
    #expect(try !isReady(Descriptor.open("/dev/null", O_WRONLY)))
  }

  @Test func aDescriptorThatIsNotOpenNeverHangsUp() throws {
    #expect(try poll([Hangup.watch(-1)], until: .now) == [false])
  }
}

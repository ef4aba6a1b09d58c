import Testing

@testable import VirbyKit

@Suite struct PollTests {
  @Test func theDeadlineIsKept() throws {
    let pipe = try Descriptor.pipe()
    let start = ContinuousClock.now
    let ready = try poll([.read(pipe.read.raw), .nothing], until: start + .milliseconds(60))
    #expect(ready == [false, false])
    #expect(.now - start >= .milliseconds(60))
  }

  @Test func aPassedDeadlineStillLooks() throws {
    let pipe = try Descriptor.pipe()
    #expect(try poll([.read(pipe.read.raw)], until: .now - .seconds(9)) == [false])
    #expect(writeAll([1], to: pipe.write.raw) == 0)
    #expect(try poll([.read(pipe.read.raw)], until: .now - .seconds(9)) == [true])
  }

  @Test func eachWatchAnswersForItself() throws {
    let one = try Descriptor.pipe()
    let two = try Descriptor.pipe()
    #expect(writeAll([1], to: two.write.raw) == 0)
    let watches = [Watch.read(one.read.raw), .write(one.write.raw), .nothing, .read(two.read.raw)]
    #expect(try poll(watches) == [false, true, false, true])
  }

  @Test func theEndOfTheInputIsReady() throws {
    var pipe: (read: Descriptor, write: Descriptor?) = try Descriptor.pipe()
    pipe.write = nil
    #expect(try poll([.read(pipe.read.raw)]) == [true])
  }
}

import Testing
import VirbyKit

@testable import virby_boot

@Suite struct EthernetLinkTests {
  @Test func carriesFramesWholeAndInOrder() throws {
    let (one, other) = try EthernetLink.make()
    let frames = [[UInt8](repeating: 1, count: 1514), [UInt8](repeating: 2, count: 60)]
    for frame in frames { #expect(writeAll(frame, to: one.raw) == 0) }
    var buffer = [UInt8](repeating: 0, count: 65536)
    for frame in frames {
      #expect(buffer.withUnsafeMutableBytes(other.receive(into:)) == .moved(frame.count))
      #expect(Array(buffer[..<frame.count]) == frame)
    }
  }

  @Test func holdsAFrameOfSegmentationOffload() throws {
    let (one, other) = try EthernetLink.make()
    let frame = [UInt8](repeating: 3, count: 65000)
    #expect(writeAll(frame, to: other.raw) == 0)
    var buffer = [UInt8](repeating: 0, count: 65536)
    #expect(buffer.withUnsafeMutableBytes(one.receive(into:)) == .moved(65000))
  }
}

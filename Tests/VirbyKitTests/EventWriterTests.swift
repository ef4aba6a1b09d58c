import Testing

@testable import VirbyKit

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

@Suite struct EventWriterTests {
  private func packet(from descriptor: Descriptor) -> String {
    var bytes = [UInt8](repeating: 0, count: 1024)
    let count = read(descriptor.raw, &bytes, bytes.count)
    return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
  }

  @Test func eachLineIsOneWrite() throws {
    // Datagrams keep each write apart, as a pipe does not.
    let (reader, output) = try socketPair(datagrams: true)
    var writer = EventWriter(output.raw)
    try writer.write(Event(.busy, [:]))
    try writer.write(Event(.idle, ["for": 2]))
    let passed = Array("rebooted why=%41\n".utf8)
    try writer.pass(EventLine(event: try Event(line: passed.dropLast()), bytes: passed, number: 1))
    #expect(packet(from: reader) == "busy\n")
    #expect(packet(from: reader) == "idle for=2\n")
    #expect(packet(from: reader) == "rebooted why=%41\n")
  }

  @Test func anEventTooLongIsOurFaultAndIsNotWritten() throws {
    let pipe = try Descriptor.pipe()
    var writer = EventWriter(pipe.write.raw)
    let long = Event(.stopping, ["why": String(repeating: "a", count: 600)])
    #expect(throws: Failure(.bug, "event 'stopping' is longer than 512 bytes")) {
      try writer.write(long)
    }
    #expect(!writer.isHungUp)
  }

  @Test func aReaderThatIsGoneIsNoted() throws {
    signal(SIGPIPE, SIG_IGN)
    var pipe: (read: Descriptor?, write: Descriptor) = try Descriptor.pipe()
    var writer = EventWriter(pipe.write.raw)
    try writer.write(Event(.busy, [:]))
    #expect(!writer.isHungUp)
    pipe.read = nil
    #expect(try poll([.hangup(pipe.write.raw)], until: soon) == [true])
    try writer.write(Event(.busy, [:]))
    #expect(writer.isHungUp)
    try writer.write(Event(.busy, [:]))
  }

  @Test func whatCannotBeWrittenFails() throws {
    let input = try Descriptor.open("/dev/null", O_RDONLY)
    var writer = EventWriter(input.raw)
    #expect(throws: Failure(.system, "cannot write events to stdout: \(Failure.reason(EBADF))")) {
      try writer.write(Event(.busy, [:]))
    }
  }

  @Test func aFullPipeThatSomeoneMadeNonBlockingIsWaitedFor() throws {
    let pipe = try Descriptor.pipe()
    pipe.write.setNonBlocking()
    var filled = 0
    while write(pipe.write.raw, [UInt8](repeating: 0, count: 512), 512) == 512 { filled += 512 }
    let path = "/dev/fd/7"
    let child = try Child.spawn(
      ["sh", "-c", "sleep 0.2; exec head -c \(filled + 5) <\(path) >/dev/null"],
      inheriting: [7: pipe.read])
    var writer = EventWriter(pipe.write.raw)
    try writer.write(Event(.busy, [:]))
    #expect(try child.end(within: .seconds(60)) == .exited(0))
  }
}

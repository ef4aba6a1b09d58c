import Testing

@testable import VirbyKit

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

@Suite struct EventReaderTests {
  /// Every line of what is written to a pipe in these pieces, each read before the next is written.
  private func read(_ pieces: [String]) throws -> [String] {
    let pipe = try Descriptor.pipe()
    pipe.read.setNonBlocking()
    var reader = EventReader(pipe.read.raw)
    var lines: [String] = []
    for piece in pieces {
      #expect(writeAll(Array(piece.utf8), to: pipe.write.raw) == 0)
      try reader.fill()
      while let line = try reader.next() {
        lines.append(String(decoding: line.bytes, as: UTF8.self))
      }
    }
    return lines
  }

  /// The same with the end of the input behind it.
  private func readAll(_ text: String) throws -> (lines: [EventLine], ended: Bool) {
    var pipe: (read: Descriptor, write: Descriptor)? = try Descriptor.pipe()
    let input = try #require(pipe?.read)
    if let output = pipe?.write { #expect(writeAll(Array(text.utf8), to: output.raw) == 0) }
    pipe = nil
    var reader = EventReader(input.raw)
    var lines: [EventLine] = []
    while !reader.isAtEnd {
      try reader.fill()
      while let line = try reader.next() { lines.append(line) }
    }
    return (lines, reader.descriptor == -1)
  }

  private func failure(_ text: String) throws -> Failure? {
    do {
      _ = try readAll(text)
      return nil
    } catch let failure as Failure {
      return failure
    }
  }

  @Test func linesComeOneByOneWithTheirBytes() throws {
    let (lines, ended) = try readAll("busy\nidle for=2 more=%41\nbusy\n")
    #expect(lines.map(\.event.verb) == ["busy", "idle", "busy"])
    #expect(lines[1].bytes == Array("idle for=2 more=%41\n".utf8))
    #expect(lines[1].event["more"] == "A")
    #expect(ended)
  }

  @Test func aLineInPiecesIsOneLine() throws {
    #expect(try read(["id", "le fo", "r=2", "\nbu", "sy\n"]) == ["idle for=2\n", "busy\n"])
  }

  @Test func aLastLineWithoutLineFeedIsALine() throws {
    #expect(try readAll("busy\nidle for=2").lines.map(\.event.verb) == ["busy", "idle"])
    #expect(try readAll("busy").lines[0].bytes == Array("busy\n".utf8))
  }

  @Test func nothingIsNoLine() throws {
    let (lines, ended) = try readAll("")
    #expect(lines.isEmpty)
    #expect(ended)
  }

  @Test func manyLinesInOneReadAllCome() throws {
    let text = (0..<2000).map { "open id=\($0) active=1\n" }.joined()
    #expect(try readAll(text).lines.map { $0.event["id"] } == (0..<2000).map { "\($0)" })
  }

  @Test(arguments: [
    ("busy\n\nbusy\n", "line 2: does not start with a verb"),
    ("busy\nbusy\nclose id=1\n", "line 3: 'close' without 'active'"),
    ("busy\nidle for=%\n", "line 2: has a wrongly encoded value for 'for'"),
    ("busy\nidle fo", "line 2: has a word that is not 'key=value'"),
  ])
  func aMalformedLineFailsWithItsNumber(text: String, message: String) throws {
    #expect(try failure(text) == Failure(.malformed, message))
  }

  @Test func aLineTooLongFailsEvenBeforeItEnds() throws {
    let full = "x a=" + String(repeating: "b", count: 507)
    #expect(try readAll(full + "\n").lines.count == 1)
    #expect(try readAll(full).lines.count == 1)
    let message = "line 2: longer than 512 bytes"
    #expect(try failure("busy\n\(full)b\n") == Failure(.malformed, message))
    #expect(try failure("busy\n\(full)b") == Failure(.malformed, message))
    #expect(throws: Failure(.malformed, message)) { try read(["busy\n", full + "b"]) }
  }

  @Test func readingGoesOnBehindAMalformedLine() throws {
    let pipe = try Descriptor.pipe()
    pipe.read.setNonBlocking()
    var reader = EventReader(pipe.read.raw)
    let long = String(repeating: "b", count: 600)
    var said: [String] = []
    for piece in ["busy\nidle\nidle for=1\nx", long, long, "\nidle for=2\n", long + "\nbusy\n"] {
      #expect(writeAll(Array(piece.utf8), to: pipe.write.raw) == 0)
      try reader.fill()
      var isEmpty = false
      while !isEmpty {
        do {
          let line = try reader.next()
          if let line { said.append("\(line.number): \(line.event.verb)") }
          isEmpty = line == nil
        } catch {
          said.append(error.message)
        }
      }
    }
    #expect(
      said == [
        "1: busy", "line 2: 'idle' without 'for'", "3: idle", "line 4: longer than 512 bytes",
        "5: idle", "line 6: longer than 512 bytes", "7: busy",
      ])
  }

  @Test func aDescriptorThatCannotBeReadFails() throws {
    let folder = try Descriptor.open("/")
    var reader = EventReader(folder.raw)
    #expect(throws: Failure(.system, "cannot read events from stdin: \(Failure.reason(EISDIR))")) {
      try reader.fill()
    }
  }
}

import VirbyKit

/// Reads event lines from a pipe.
func testEvents(_ input: [UInt8]) {
  do throws(Failure) { try readEvents(input) } catch {
    check(error.status == .malformed, "only a malformed line is an error")
  }
}

private func readEvents(_ input: [UInt8]) throws(Failure) {
  // More would not fit into the pipe, and nobody reads while it is written.
  let input = Array(input.prefix(32768))
  var pipe: (read: Descriptor, write: Descriptor?) = try Descriptor.pipe()
  check(writeAll(input, to: pipe.write?.raw ?? -1) == 0, "the pipe has room")
  pipe.write = nil
  var reader = EventReader(pipe.read.raw)
  var passed: [UInt8] = []
  while !reader.isAtEnd {
    try reader.fill()
    while let line = try reader.next() {
      testEvent(line)
      passed += line.bytes
    }
  }
  let isWhole = input.isEmpty || input.last == 0x0a
  check(passed == (isWhole ? input : input + [0x0a]), "a filter passes on each byte")
}

private func testEvent(_ line: EventLine) {
  check(line.bytes.count <= Event.maximumLength, "a line has 512 bytes at most")
  check(line.bytes.dropLast().allSatisfy { $0 >= 0x20 && $0 != 0x7f }, "a line is harmless")
  // A value may have been encoded where it need not be, and then is shorter when written again.
  guard let again = line.event.line else { return check(false, "what was read can be written") }
  check(again.count <= line.bytes.count, "what was read is written no longer than it was")
  let event = try? Event(line: again.dropLast())
  check(event == line.event, "what was written is read the same")
}

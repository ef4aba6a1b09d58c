import ArgumentParser
import VirbyKit

/// Where the events go besides stdout: a descriptor that whoever started the pipeline keeps. When an idle guest is
/// stopped nobody reads stdout any more.
struct EventCopy: ExpressibleByArgument {
  private let number: Int32

  /// Reads `fd:N`.
  init?(argument: String) {
    let digits = argument.dropFirst(3)
    guard argument.hasPrefix("fd:"), digits.allSatisfy({ $0.isASCII && $0.isNumber }),
      let number = Int32(digits), number > 2
    else { return nil }
    self.number = number
  }

  /// Makes sure that it can be written to, and that no child gets it.
  ///
  /// - Throws: 64 if there is no such descriptor.
  func open() throws(Failure) {
    guard Descriptor.isWritable(inherited: number) else {
      throw Failure(
        .usage, "descriptor \(number) is not open for writing",
        hint: "have the shell open it: '--events fd:\(number) \(number)>FILE'")
    }
  }

  /// Tells an event. Whoever is to read it may be gone; the event is on stdout all the same.
  func tell(_ event: Event) {
    if let line = event.line { writeAll(line, to: number) }
  }
}

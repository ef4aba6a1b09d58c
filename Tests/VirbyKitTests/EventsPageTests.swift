import Testing

@testable import VirbyKit

/// Holds the code against virby-events(5): what one of them knows the other does too.
@Suite struct EventsPageTests {
  /// What the page says of a verb, in a line like `.It Ic running Cm mac= Op Cm at=`.
  private struct Entry: Equatable {
    let verb: String
    let requiredKeys: [String]
    let optionalKeys: [String]
  }

  private let page: String

  init() throws {
    let repository = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    let file = try Descriptor.open("/\(repository)/man/virby-events.5")
    page = String(decoding: everything(from: file), as: UTF8.self)
  }

  private var entries: [Entry] {
    let start = ".It Ic "
    return page.split(separator: "\n").filter { $0.hasPrefix(start) }.map { line in
      let words = line.dropFirst(start.count).split(separator: " ")
      let halves = words.dropFirst().split(separator: "Op", omittingEmptySubsequences: false)
      let keys = halves.map { $0.filter { $0 != "Cm" }.map { String($0.dropLast()) } }
      return Entry(
        verb: String(words[0]), requiredKeys: keys[0], optionalKeys: keys.dropFirst().flatMap { $0 }
      )
    }
  }

  @Test func thePageHasEveryVerbAndKeyOfTheCodeAndNoOther() {
    let code = Verb.allCases.map {
      Entry(
        verb: $0.rawValue, requiredKeys: $0.requiredKeys, optionalKeys: $0.optionalKeys)
    }
    #expect(entries.map(\.verb).sorted() == code.map(\.verb).sorted())
    for entry in code { #expect(entries.first { $0.verb == entry.verb } == entry) }
  }

  @Test func thePageNamesTheLimit() {
    #expect(page.contains("at most \(Event.maximumLength) bytes"))
  }

  @Test func theExampleOfARunIsWellFormed() throws {
    let block = try #require(page.split(separator: "\n").firstIndex { $0.hasPrefix("listening ") })
    let lines = page.split(separator: "\n")[block...].prefix { !$0.hasPrefix(".") }
    #expect(lines.count > 5)
    for line in lines {
      let event = try Event(line: line.utf8)
      let verb = try #require(Verb(rawValue: event.verb))
      let known = Set(verb.requiredKeys + verb.optionalKeys)
      #expect(Set(event.fields.map(\.key)).isSubset(of: known))
    }
  }
}

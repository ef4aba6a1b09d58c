import Testing

@testable import VirbyKit

@Suite struct EventTests {
  private func parse(_ text: String) throws(Event.Malformed) -> Event {
    try Event(line: Array(text.utf8))
  }

  private func reason(_ text: String) -> String? {
    do throws(Event.Malformed) {
      _ = try parse(text)
      return nil
    } catch {
      return error.reason
    }
  }

  @Test func aLineIsAVerbAndItsFieldsInOrder() throws {
    let event = try parse("lease mac=02:94:00:0a:01:02 address=192.168.64.3 expires=1700000000")
    #expect(event.is(.lease))
    #expect(event.fields.map(\.key) == ["mac", "address", "expires"])
    #expect(event["address"] == "192.168.64.3")
    #expect(event["nothing"] == nil)
  }

  @Test func aVerbAloneIsALine() throws {
    #expect(try parse("busy").fields.isEmpty)
  }

  @Test func unknownVerbsAndKeysAreNoFault() throws {
    let event = try parse("rebooted why=panic")
    #expect(event.verb == "rebooted")
    #expect(Verb(rawValue: event.verb) == nil)
    #expect(try parse("running mac=2:0:0:0:0:1 colour=red")["colour"] == "red")
  }

  @Test func theFirstOfTwoEqualKeysCounts() throws {
    #expect(try parse("idle for=1 for=2")["for"] == "1")
  }

  @Test func aValueMayBeEmptyAndMayHoldAnEqualsSign() throws {
    let event = try parse("x a= b=c=d")
    #expect(event["a"] == "")
    #expect(event["b"] == "c=d")
  }

  @Test(arguments: [
    ("", "does not start with a verb"),
    (" busy", "does not start with a verb"),
    ("Busy", "does not start with a verb"),
    ("busy2", "does not start with a verb"),
    ("busy\r", "does not start with a verb"),
    ("büsy", "does not start with a verb"),
    ("idle  for=1", "has a word that is not 'key=value'"),
    ("idle for=1 ", "has a word that is not 'key=value'"),
    ("idle for", "has a word that is not 'key=value'"),
    ("idle =1", "has a word that is not 'key=value'"),
    ("idle For=1", "has a word that is not 'key=value'"),
    ("idle for=1%", "has a wrongly encoded value for 'for'"),
    ("idle for=%2", "has a wrongly encoded value for 'for'"),
    ("idle for=%zz", "has a wrongly encoded value for 'for'"),
    ("idle for=%+1", "has a wrongly encoded value for 'for'"),
    ("idle for=%FF", "has a wrongly encoded value for 'for'"),
    ("idle for=1\t", "has a wrongly encoded value for 'for'"),
    ("idle for=1\r", "has a wrongly encoded value for 'for'"),
    ("idle for=\u{1b}[2J", "has a wrongly encoded value for 'for'"),
    ("idle", "'idle' without 'for'"),
    ("lease address=10.0.0.1", "'lease' without 'mac'"),
    ("close id=1", "'close' without 'active'"),
  ])
  func aMalformedLineIsRefusedWithItsReason(line: String, why: String) {
    #expect(reason(line) == why)
  }

  @Test(arguments: Verb.allCases)
  func everyRequiredKeyIsRequired(verb: Verb) throws {
    let words = verb.requiredKeys.map { "\($0)=x" }
    #expect(reason(([verb.rawValue] + words).joined(separator: " ")) == nil)
    for (index, key) in verb.requiredKeys.enumerated() {
      var others = words
      others.remove(at: index)
      let line = ([verb.rawValue] + others).joined(separator: " ")
      #expect(reason(line) == "'\(verb.rawValue)' without '\(key)'")
    }
  }

  @Test func aLineOf512BytesIsReadAndOneMoreIsNot() throws {
    let longest = "x a=" + String(repeating: "b", count: 507)
    let event = try parse(longest)
    #expect(event.line?.count == 512)
    #expect(reason(longest + "b") == "longer than 512 bytes")
  }

  @Test func anEventThatWouldBeLongerThan512BytesHasNoLine() {
    #expect(Event(.stopping, ["why": String(repeating: "b", count: 498)]).line?.count == 512)
    #expect(Event(.stopping, ["why": String(repeating: "b", count: 499)]).line == nil)
    #expect(Event(.stopping, ["why": String(repeating: " ", count: 167)]).line == nil)
  }

  @Test func whatIsToldIsWhatIsRead() throws {
    let event = Event(.running, ["mac": "2:0:0:0:0:1", "at": "unix:/a b/100%/ü\u{1}\n.sock"])
    let line = try #require(event.line)
    #expect(
      String(decoding: line, as: UTF8.self)
        == "running mac=2:0:0:0:0:1 at=unix:/a%20b/100%25/ü%01%0A.sock\n")
    #expect(try Event(line: line.dropLast()) == event)
  }
}

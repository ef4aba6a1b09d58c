import Testing

@testable import VirbyKit

@Suite struct DurationTests {
  @Test(arguments: [
    ("250ms", Duration.milliseconds(250)), ("0s", .zero), ("90s", .seconds(90)),
    ("180m", .seconds(10800)), ("3h", .seconds(10800)), ("2d", .seconds(172_800)),
    ("36525d", .seconds(3_155_760_000)),
  ])
  func aWholeNumberAndAUnitAreADuration(text: String, duration: Duration) {
    #expect(Duration(text) == duration)
    #expect(Duration(argument: text) == duration)
  }

  @Test(arguments: [
    "", "90", "s", "-1s", "+1s", "1.5h", "1 h", " 1h", "1h ", "1H", "1min", "1h30m", "1w", "1us",
    "36526d", "4000000000s", "99999999999999999999s", "٣s", "１s", "1s\n",
  ])
  func anythingElseIsRefused(text: String) {
    #expect(Duration(text) == nil)
  }

  @Test(arguments: [
    (Duration.zero, "0s"), (.milliseconds(250), "250ms"), (.milliseconds(1500), "1500ms"),
    (.seconds(90), "90s"), (.seconds(10800), "3h"), (.seconds(60), "1m"), (.seconds(172_800), "2d"),
  ])
  func theLargestUnitThatDividesItIsPrinted(duration: Duration, text: String) {
    #expect(duration.text == text)
    #expect(duration.defaultValueDescription == text)
    #expect(Duration(text) == duration)
  }
}

import Testing

@testable import VirbyKit

@Suite struct DiagnosticsTests {
  @Test(arguments: [
    ("cannot open 'disk.img'", "cannot open 'disk.img'"),
    ("'Grüße/日本/👍'", "'Grüße/日本/👍'"),
    ("'a\\b\"c'", "'a\\b\"c'"),
    ("'a\nb\tc'", "'a\\nb\\tc'"),
    ("'\u{1b}[2J'", "'\\u{1B}[2J'"),
    ("'\u{9b}2J\u{7f}'", "'\\u{009B}2J\\u{7F}'"),
    ("'\u{202e}gmi.ksid\u{2028}'", "'\\u{202E}gmi.ksid\\u{2028}'"),
  ])
  func aMessageStaysOnItsLineAndDoesNothingToATerminal(text: String, plain: String) {
    #expect(Diagnostics.plain(text) == plain)
  }

  @Test func quieterLevelsComeFirst() {
    #expect(Diagnostics.Level.errors < .warnings)
    #expect(Diagnostics.Level.warnings < .explanations)
  }
}

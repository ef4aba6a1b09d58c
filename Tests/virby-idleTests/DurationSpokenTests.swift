import Testing

@testable import virby_idle

@Suite struct DurationSpokenTests {
  @Test(
    arguments: [
      (.zero, "0s"), (.seconds(-5), "0s"), (.milliseconds(499), "0s"), (.milliseconds(501), "1s"),
      (.seconds(59), "59s"), (.seconds(60), "1m"), (.seconds(250), "4m10s"), (.seconds(3600), "1h"),
      (.seconds(3601), "1h"), (.seconds(10799), "2h59m"), (.seconds(86400 * 3), "3d"),
      (.seconds(3_155_760_000), "36525d"),
    ] as [(Duration, String)])
  func saysAtMostTwoUnits(duration: Duration, text: String) {
    #expect(duration.spoken == text)
  }
}

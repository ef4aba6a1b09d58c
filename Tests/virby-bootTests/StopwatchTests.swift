import Testing

@testable import virby_boot

@Suite struct StopwatchTests {
  @Test func countsTenthsOfASecond() {
    #expect(Stopwatch.text(.zero) == "0.0 s")
    #expect(Stopwatch.text(.milliseconds(349)) == "0.3 s")
    #expect(Stopwatch.text(.milliseconds(1950)) == "2.0 s")
    #expect(Stopwatch.text(.seconds(3600)) == "3600.0 s")
    #expect(Stopwatch().description == "at +0.0 s")
  }
}

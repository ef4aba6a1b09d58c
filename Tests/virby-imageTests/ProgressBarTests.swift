import Testing

@testable import virby_image

@Suite struct ProgressBarTests {
  private func line(_ done: Int64, of total: Int64?, columns: Int = 60) -> String {
    ProgressBar.line("copying", done: done, of: total, columns: columns)
  }

  @Test func barFillsTheLine() {
    #expect(
      line(1 << 29, of: 1 << 30) == "copying  50% [============>           ] 512.0 MiB of 1.0 GiB")
    #expect(line(1 << 29, of: 1 << 30).count <= 60)
  }

  @Test func endsAreEmptyAndFull() {
    #expect(line(0, of: 4096) == "copying   0% [>                             ] 0 B of 4.0 KiB")
    #expect(line(4096, of: 4096) == "copying 100% [==========================] 4.0 KiB of 4.0 KiB")
    #expect(line(9999, of: 4096).hasPrefix("copying 100% ["))
  }

  @Test func narrowTerminalHasNoBarAndNoSecondLine() {
    #expect(line(1 << 29, of: 1 << 30, columns: 40) == "copying  50% 512.0 MiB of 1.0 GiB")
    #expect(line(1 << 29, of: 1 << 30, columns: 14) == "copying  50% 5")
    #expect(line(1 << 29, of: nil, columns: 10) == "copying 51")
    #expect(line(1 << 29, of: 1 << 30, columns: 0) == "")
  }

  @Test func unknownEndHasNoShare() {
    #expect(line(3 << 29, of: nil) == "copying 1.5 GiB")
  }

  @Test func wideTerminalHasABarOfFortyColumns() {
    #expect(line(0, of: 1, columns: 200).filter { $0 == " " || $0 == ">" }.count > 40)
    #expect(line(0, of: 1, columns: 200).count < 80)
  }
}

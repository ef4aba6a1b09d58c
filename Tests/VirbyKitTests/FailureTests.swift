import Testing

@testable import VirbyKit

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

@Suite struct FailureTests {
  @Test func aSystemCallThatFailedIsStatus71AndEndsWithItsReason() {
    let failure = Failure.system("cannot open 'disk.img'", ENOSPC)
    #expect(failure == Failure(.system, "cannot open 'disk.img': No space left on device"))
    #expect(failure.hint == nil)
  }

  @Test func theLatestErrnoIsTheReasonUnlessOneIsGiven() {
    #expect(close(-1) == -1)
    #expect(Failure.system("cannot close") == .system("cannot close", EBADF))
  }

  @Test func theStatusesAreTheNumbersOfTheContract() {
    #expect(ExitStatus.allCases.map(\.rawValue) == [0, 1, 64, 65, 69, 70, 71, 75])
  }
}

import Testing

@testable import VirbyKit

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

@Suite struct ChildTests {
  @Test(arguments: [0, 1, 75, 255] as [Int32])
  func anExitStatusIsTold(status: Int32) throws {
    let child = try Child.spawn(["sh", "-c", "exit \(status)"])
    #expect(try child.end(within: .seconds(60)) == .exited(status))
  }

  @Test(arguments: [SIGTERM, SIGKILL, SIGABRT])
  func aSignalThatEndedItIsTold(number: Int32) throws {
    let child = try Child.spawn(["sleep", "1000"])
    #expect(child.end() == nil)
    child.send(Signal(rawValue: number))
    #expect(try child.end(within: .seconds(60)) == .signalled(number))
  }

  @Test func stdinIsEmpty() throws {
    #expect(try shell("! read line && [ /dev/fd/0 -ef /dev/null ]") == 0)
  }

  @Test func stdinIsWhatIsGiven() throws {
    let pipe = try Descriptor.pipe()
    #expect(writeAll(Array("word\n".utf8), to: pipe.write.raw) == 0)
    let child = try Child.spawn(["sh", "-c", "read line && [ $line = word ]"], input: pipe.read)
    #expect(try child.end(within: .seconds(60)) == .exited(0))
  }

  @Test func stdoutIsOurStderr() throws {
    #expect(try shell("[ /dev/fd/1 -ef /dev/fd/2 ]") == 0)
  }

  @Test func noDescriptorLeaks() throws {
    let pipe = try Descriptor.pipe()
    let file = try Descriptor.open("/dev/zero", O_RDONLY)
    for descriptor in [pipe.read, pipe.write, file] {
      #expect(try shell("[ -e /dev/fd/\(descriptor.raw) ]") == 1)
    }
  }

  @Test func aDescriptorHandedOverHasItsNumber() throws {
    let zero = try Descriptor.open("/dev/zero", O_RDONLY)
    #expect(try shell("[ /dev/fd/9 -ef /dev/zero ]", inheriting: [9: zero]) == 0)
    #expect(try shell("[ /dev/fd/9 -ef /dev/zero ]", inheriting: [zero.raw: zero]) == 1)
    let same = "[ /dev/fd/\(zero.raw) -ef /dev/zero ]"
    #expect(try shell(same, inheriting: [zero.raw: zero]) == 0)
  }

  @Test func descriptorsCanChangePlaces() throws {
    let zero = try Descriptor.open("/dev/zero", O_RDONLY)
    let null = try Descriptor.open("/dev/null", O_RDONLY)
    let swapped =
      "[ /dev/fd/\(zero.raw) -ef /dev/null ] && [ /dev/fd/\(null.raw) -ef /dev/zero ]"
    #expect(try shell(swapped, inheriting: [zero.raw: null, null.raw: zero]) == 0)
  }

  @Test func signalsAreAnsweredByTheirDefaults() throws {
    signal(SIGPIPE, SIG_IGN)
    let child = try Child.spawn(["sh", "-c", "kill -PIPE $$; exit 3"])
    #expect(try child.end(within: .seconds(60)) == .signalled(SIGPIPE))
  }

  @Test func aGroupOfItsOwnIsMade() throws {
    let child = try Child.spawn(["sleep", "1000"], group: 0)
    #expect(getpgid(child.pid) == child.pid)
    child.send(.kill)
    _ = try child.end(within: .seconds(60))
  }

  @Test func aProgramThatIsNotThereIsUnavailable() throws {
    let reason = Failure.reason(ENOENT)
    #expect(
      throws: Failure(
        .unavailable, "cannot start 'virby-nonesuch': \(reason)",
        hint: "install it, or add its folder to PATH")
    ) { try Child.spawn(["virby-nonesuch"]) }
    #expect(throws: Failure(.unavailable, "cannot start '/nonesuch': \(reason)")) {
      try Child.spawn(["/nonesuch"])
    }
  }

  @Test func aProgramThatMayNotRunIsUnavailable() throws {
    let reason = Failure.reason(EACCES)
    #expect(throws: Failure(.unavailable, "cannot start '/dev/null': \(reason)")) {
      try Child.spawn(["/dev/null"])
    }
  }
}

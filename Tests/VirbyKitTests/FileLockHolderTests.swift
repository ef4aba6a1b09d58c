import Testing

@testable import VirbyKit

@Suite struct FileLockHolderTests {
  private static let table = """
    1: POSIX  ADVISORY  WRITE 111 fe:00:1047 0 EOF
    2: FLOCK  ADVISORY  READ  222 fe:00:1047 0 EOF
    2: -> FLOCK  ADVISORY  WRITE 333 fe:00:1047 0 EOF
    3: FLOCK  ADVISORY  READ 444 fe:00:1047 0 EOF
    4: FLOCK  ADVISORY  WRITE 555 fe:01:1047 0 EOF
    5: FLOCK  ADVISORY  WRITE 666 fe:00:1048 0 EOF
    6: FLOCK  ADVISORY  WRITE -1 fe:00:1047 0 EOF
    7: LEASE  ACTIVE    READ 777 fe:00:1047 0 EOF
    8: FLOCK
    9: FLOCK  ADVISORY  WRITE 888 rubbish 0 EOF

    """

  private func takers(_ table: String, major: UInt64 = 0xfe, minor: UInt64 = 0) -> [pid_t] {
    let device = (major & 0xfff) << 8 | minor & 0xff | (minor & ~0xff) << 12
    return FileLock.takers(in: Array(table.utf8), device: device, inode: 1047)
  }

  @Test func takersOfAFlockOnThatFile() {
    #expect(takers(Self.table) == [222, 444])
    #expect(takers(Self.table, minor: 1) == [555])
    #expect(takers("") == [])
  }

  @Test func numbersOfDevicesAreHexadecimalAndLarge() {
    let line = "1: FLOCK  ADVISORY  WRITE 42 103:12345:1047 0 EOF"
    #expect(takers(line, major: 0x103, minor: 0x12345) == [42])
    #expect(takers(line, major: 0x103, minor: 0x45) == [])
  }
}

import Testing
import VirbyKit

@testable import virby_boot

@Suite struct ControlFolderTests {
  @Test func liesHiddenBesideTheDisk() throws {
    let folder = try ControlFolder(nil, disk: "/vm/disk.img")
    #expect(folder.path == "/vm/.disk.img.control")
    #expect(folder.socket("ssh.sock") == "/vm/.disk.img.control/ssh.sock")
  }

  @Test func leavesRoomForASocketsName() throws {
    let room = Endpoint.maximumPathLength - "/..control/control.sock".utf8.count
    #expect(throws: Never.self) {
      try ControlFolder(nil, disk: "/" + String(repeating: "d", count: room))
    }
    let failure = #expect(throws: Failure.self) {
      try ControlFolder(nil, disk: "/" + String(repeating: "d", count: room + 1))
    }
    #expect(failure?.status == .usage)
  }
}

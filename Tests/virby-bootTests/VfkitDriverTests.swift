import Testing
import VirbyKit

@testable import virby_boot

@Suite struct VfkitDriverTests {
  private let driver = VfkitDriver(isVerbose: false)

  @Test func everyOptionIsSpelledAsVfkitSpellsIt() throws {
    let keys = Machine.Share(tag: "virby-keys", folder: "/k/guest", isReadOnly: true)
    let words = try driver.arguments(
      for: .sample(
        start: .firmware(store: "/nowhere/disk.efi"), access: .vsock(socket: "/c/ssh.sock"),
        shares: [keys], serial: "/vm/log", hasRosetta: true, timesyncPort: 1024))
    #expect(
      words == [
        "vfkit", "--cpus", "2", "--memory", "1024",
        "--bootloader", "efi,variable-store=/nowhere/disk.efi,create",
        "--device", "virtio-blk,path=/vm/disk.img",
        "--device", "virtio-net,nat,mac=\(MACAddress(derivedFrom: "/vm/disk.img"))",
        "--device", "virtio-vsock,port=22,socketURL=/c/ssh.sock,connect",
        "--device", "virtio-serial,logFilePath=/vm/log",
        "--device", "virtio-rng",
        "--device", "virtio-fs,sharedDir=/k/guest,mountTag=virby-keys",
        "--device", "rosetta,mountTag=rosetta",
        "--timesync", "vsockPort=1024",
        "--restful-uri", "unix:///vm/control/control.sock",
        "--log-level", "error",
      ])
  }

  @Test func theStoreIsTheSecondDisk() throws {
    let words = try driver.arguments(
      for: .sample(store: "/vm/store.img", access: .nat(tap: nil)))
    let disks = words.filter { $0.hasPrefix("virtio-blk") }
    #expect(disks == ["virtio-blk,path=/vm/disk.img", "virtio-blk,path=/vm/store.img"])
  }

  @Test func anExistingStoreIsNeverCreatedAgain() throws {
    // Any file that exists will do.
    let words = try driver.arguments(
      for: .sample(start: .firmware(store: "/dev/null"), access: .nat(tap: nil)))
    #expect(words.contains("efi,variable-store=/dev/null"))
  }

  @Test(arguments: ["/vm/a,b.img", "/vm/,"])
  func aCommaInAPathIsRefused(path: String) {
    let failure = #expect(throws: Failure.self) {
      try driver.arguments(for: .sample(disk: path, access: .nat(tap: nil)))
    }
    #expect(failure?.message == "driver 'vfkit' cannot take '\(path)': it contains a ','")
    #expect(failure?.status == .usage)
  }

  @Test func theSeedIsASecondDiskThatIsOnlyRead() throws {
    let words = try driver.arguments(for: .sample(seed: "/vm/seed.iso", access: .nat(tap: nil)))
    let disks = words.filter { $0.hasPrefix("virtio-blk,") }
    #expect(
      disks == ["virtio-blk,path=/vm/disk.img", "virtio-blk,path=/vm/seed.iso,readonly"])
    let failure = #expect(throws: Failure.self) {
      try driver.arguments(for: .sample(seed: "/vm/a,readonly", access: .nat(tap: nil)))
    }
    #expect(failure?.message == "driver 'vfkit' cannot take '/vm/a,readonly': it contains a ','")
  }

  @Test func aQuoteInTheStoresPathIsRefused() {
    let failure = #expect(throws: Failure.self) {
      try driver.arguments(
        for: .sample(start: .firmware(store: "/vm/a\"b"), access: .nat(tap: nil)))
    }
    #expect(failure?.message == "driver 'vfkit' cannot take '/vm/a\"b': it contains a '\"'")
  }

  @Test func theControlSocketIsAURL() throws {
    let words = try driver.arguments(
      for: .sample(access: .nat(tap: nil), controlFolder: "/a b/c?#%41,é"))
    #expect(words.contains("unix:///a%20b/c%3F%23%2541%2C%C3%A9/control.sock"))
  }

  @Test func aSocketThatVfkitWouldRenameIsRefused() {
    let failure = #expect(throws: Failure.self) {
      try driver.arguments(for: .sample(access: .vsock(socket: "/a b/ssh.sock")))
    }
    #expect(failure?.status == .usage)
  }

  @Test func aKernelNeedsAnInitrd() {
    let failure = #expect(throws: Failure.self) {
      try driver.arguments(
        for: .sample(start: .kernel("/k", initrd: nil, commandLine: ""), access: .nat(tap: nil)))
    }
    #expect(failure?.message == "driver 'vfkit' needs an initrd with the kernel")
  }

  @Test func qemusWaysAreRefused() {
    for access in [Machine.Access.user, .nat(tap: "tap0")] {
      let failure = #expect(throws: Failure.self) {
        try driver.arguments(for: .sample(access: access))
      }
      #expect(failure?.status == .usage)
    }
  }

  @Test(arguments: [true, nil, false] as [Bool?])
  func nestingIsRefusedWhereTheHostCannot(host: Bool?) throws {
    let driver = VfkitDriver(isVerbose: false, nests: host)
    let words = Result {
      try driver.arguments(for: .sample(access: .nat(tap: nil), isNested: true))
    }
    guard host == false else {
      #expect(try words.get().contains("--nested"))
      return
    }
    let failure = #expect(throws: Failure.self) { try words.get() }
    #expect(failure?.status == .unavailable)
    #expect(throws: Never.self) { try driver.arguments(for: .sample(access: .nat(tap: nil))) }
  }
}

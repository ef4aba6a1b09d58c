import Testing
import VirbyKit

@testable import virby_boot

@Suite struct KrunkitDriverTests {
  private let driver = KrunkitDriver(isVerbose: true)
  private let firmware = Machine.Start.firmware(store: "/vm/disk.efi")

  @Test func everyOptionIsSpelledAsKrunkitSpellsIt() throws {
    let keys = Machine.Share(tag: "virby-keys", folder: "/k/guest", isReadOnly: true)
    let words = try driver.arguments(
      for: .sample(
        start: firmware, access: .nat(tap: nil), shares: [keys], serial: "/vm/log",
        timesyncPort: 1024))
    #expect(
      words == [
        "krunkit", "--cpus", "2", "--memory", "1024",
        "--device", "virtio-blk,path=/vm/disk.img,format=raw",
        "--device",
        "virtio-net,type=unixgram,fd=4,mac=\(MACAddress(derivedFrom: "/vm/disk.img"))",
        "--device", "virtio-serial,logFilePath=/vm/log",
        "--device", "virtio-rng",
        "--device", "virtio-fs,sharedDir=/k/guest,mountTag=virby-keys",
        "--timesync", "vsockPort=1024",
        "--restful-uri", "unix:///vm/control/control.sock",
        "--krun-log-level", "3",
      ])
  }

  @Test(arguments: ["/vm/a,b.img", "/vm/a=b.img"])
  func whatSplitsAnOptionIsRefused(path: String) {
    let failure = #expect(throws: Failure.self) {
      try driver.arguments(for: .sample(disk: path, start: firmware, access: .nat(tap: nil)))
    }
    #expect(failure?.status == .usage)
  }

  @Test func theSocketsPathIsNoURL() throws {
    let words = try driver.arguments(
      for: .sample(start: firmware, access: .nat(tap: nil), controlFolder: "/a b%20c"))
    #expect(words.contains("unix:///a b%20c/control.sock"))
  }

  @Test func aSeedIsRefused() {
    let failure = #expect(throws: Failure.self) {
      try driver.arguments(
        for: .sample(seed: "/vm/seed.iso", start: firmware, access: .nat(tap: nil)))
    }
    #expect(failure?.message == "driver 'krunkit' does not support '--seed'")
    #expect(failure?.status == .usage)
  }

  @Test(arguments: [true, nil, false] as [Bool?])
  func nestingIsRefusedWhereTheHostCannot(host: Bool?) throws {
    let driver = KrunkitDriver(isVerbose: false, nests: host)
    let words = Result {
      try driver.arguments(for: .sample(start: firmware, access: .nat(tap: nil), isNested: true))
    }
    guard host == false else {
      #expect(try words.get().contains("--nested"))
      return
    }
    let failure = #expect(throws: Failure.self) { try words.get() }
    #expect(failure?.status == .unavailable)
    #expect(throws: Never.self) {
      try driver.arguments(for: .sample(start: firmware, access: .nat(tap: nil)))
    }
  }
}

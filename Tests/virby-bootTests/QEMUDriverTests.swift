import Testing
import VirbyKit

@testable import virby_boot

@Suite struct QEMUDriverTests {
  private let driver = QEMUDriver(accelerator: .tcg)

  @Test func aCommaInAPathIsDoubled() throws {
    let words = try driver.arguments(for: .sample(disk: "/vm/a,b.img"))
    #expect(words.contains("if=none,id=disk,format=raw,discard=unmap,file=/vm/a,,b.img"))
  }

  @Test func theKeysAreReadOnlyAndOtherSharesAreNot() throws {
    let keys = Machine.Share(tag: "virby-keys", folder: "/k/guest", isReadOnly: true)
    let code = Machine.Share(tag: "code", folder: "/src", isReadOnly: false)
    let words = try driver.arguments(for: .sample(shares: [keys, code]))
    #expect(
      words.contains(
        "local,path=/k/guest,mount_tag=virby-keys,security_model=none,readonly=on"))
    #expect(words.contains("local,path=/src,mount_tag=code,security_model=none"))
  }

  @Test func natNeedsATapDevice() throws {
    let failure = #expect(throws: Failure.self) {
      try driver.arguments(for: .sample(access: .nat(tap: nil)))
    }
    #expect(failure?.status == .usage)
    let words = try driver.arguments(for: .sample(access: .nat(tap: "tap0")))
    #expect(words.contains("tap,id=net,ifname=tap0,script=no,downscript=no"))
  }

  @Test func vsockIsRefused() {
    let failure = #expect(throws: Failure.self) {
      try driver.arguments(for: .sample(access: .vsock(socket: "/s")))
    }
    #expect(failure?.message == "driver 'qemu' cannot do '--ssh vsock'")
  }

  @Test func theGuestIsGivenTheHostsProcessorOnlyByHardware() {
    #expect(Accelerator.tcg.cpu == "max")
    #expect(Accelerator.kvm.cpu == "host")
  }
}

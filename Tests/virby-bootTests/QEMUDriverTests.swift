import Testing
import VirbyKit

@testable import virby_boot

@Suite struct QEMUDriverTests {
  private let driver = QEMUDriver(architecture: .amd64, accelerator: .tcg, sharing: .ninep)

  @Test func aCommaInAPathIsDoubled() throws {
    let words = try driver.arguments(for: .sample(disk: "/vm/a,b.img"))
    #expect(words.contains("if=none,id=disk,format=raw,discard=unmap,file=/vm/a,,b.img"))
  }

  @Test func theSeedIsASecondDiskThatIsOnlyRead() throws {
    let words = try driver.arguments(for: .sample(seed: "/vm/a,b.iso"))
    let disks = words.filter { $0.hasPrefix("if=none,") || $0.hasPrefix("virtio-blk-pci,") }
    #expect(
      disks == [
        "if=none,id=disk,format=raw,discard=unmap,file=/vm/disk.img", "virtio-blk-pci,drive=disk",
        "if=none,id=seed,format=raw,readonly=on,file=/vm/a,,b.iso", "virtio-blk-pci,drive=seed",
      ])
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

  @Test func byVirtiofsGoesEveryShare() throws {
    let driver = QEMUDriver(architecture: .amd64, accelerator: .tcg, sharing: .virtiofs)
    let keys = Machine.Share(tag: "virby-keys", folder: "/k/guest", isReadOnly: true)
    let code = Machine.Share(tag: "code", folder: "/src", isReadOnly: false)
    let words = try driver.arguments(for: .sample(shares: [keys, code]))
    #expect(words.contains("vhost-user-fs-pci,chardev=share1.sock,tag=code"))
    #expect(words.contains("socket,id=share1.sock,path=/vm/control/share1.sock"))
    #expect(words.contains("memory-backend-memfd,id=memory,size=1024M,share=on"))
    #expect(words.contains("vhost-user-fs-pci,chardev=share0.sock,tag=virby-keys"))
    #expect(!words.contains { $0.hasPrefix("local,") })
    let alone = try driver.arguments(for: .sample())
    #expect(!alone.contains { $0.hasPrefix("memory-backend") })
  }

  @Test func nestingIsForAcceleratorsThatCan() throws {
    #expect(throws: Never.self) { try driver.arguments(for: .sample(isNested: true)) }
    let failure = #expect(throws: Failure.self) {
      try QEMUDriver(architecture: .arm64, accelerator: .hvf, sharing: .ninep)
        .arguments(for: .sample(isNested: true))
    }
    #expect(failure?.status == .unavailable)
  }

  @Test func armHasAMachineOfItsOwn() throws {
    let driver = QEMUDriver(architecture: .arm64, accelerator: .tcg, sharing: .ninep)
    let words = try driver.arguments(for: .sample(isNested: true))
    #expect(words.first == "qemu-system-aarch64")
    #expect(words.contains("virt,virtualization=on"))
    #expect(words.contains("max,pauth-impdef=on"))
  }

  @Test func aConsoleForPeopleIsTheSecond() throws {
    let words = try driver.arguments(
      for: .sample(serial: "/vm/log", console: "/vm/control/console.sock"))
    #expect(words.contains("socket,id=second,path=/vm/control/console.sock,server=on,wait=off"))
    let consoles = words.filter { $0.hasPrefix("virtconsole") }
    #expect(consoles == ["virtconsole,chardev=console", "virtconsole,chardev=second"])
  }

  @Test func natNeedsATapDevice() throws {
    let failure = #expect(throws: Failure.self) {
      try driver.arguments(for: .sample(access: .nat(tap: nil)))
    }
    #expect(failure?.status == .usage)
    let words = try driver.arguments(for: .sample(access: .nat(tap: "tap0")))
    #expect(words.contains("tap,id=net,ifname=tap0,script=no,downscript=no"))
  }

  @Test func whatOnlyAMacHasIsRefused() throws {
    for machine in [try Machine.sample(hasRosetta: true), try .sample(timesyncPort: 1024)] {
      let failure = #expect(throws: Failure.self) { try driver.arguments(for: machine) }
      #expect(failure?.status == .usage)
    }
  }

  @Test func vsockIsRefused() {
    let failure = #expect(throws: Failure.self) {
      try driver.arguments(for: .sample(access: .vsock(socket: "/s")))
    }
    #expect(failure?.message == "driver 'qemu' does not support '--ssh vsock'")
  }

  @Test func theGuestIsGivenTheHostsProcessorOnlyByHardware() {
    #expect(Accelerator.tcg.cpu(of: .amd64) == "max")
    #expect(Accelerator.kvm.cpu(of: .amd64) == "host")
  }
}

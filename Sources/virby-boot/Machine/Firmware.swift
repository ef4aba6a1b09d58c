import VirbyKit

/// The UEFI firmware that QEMU boots a disk with: code, and the template of its variables.
struct Firmware {
  let code: String
  let variables: String

  /// Where distributions put it: Debian, Fedora, Arch; Homebrew and Nix keep it with QEMU.
  ///
  /// - Throws: 69 if none is there.
  static func installed(for architecture: Architecture) throws(Failure) -> Firmware {
    let places = architecture == .arm64 ? armPlaces : x86Places
    for (code, variables) in places where Path.exists(code) && Path.exists(variables) {
      return Firmware(code: code, variables: variables)
    }
    throw Failure(
      .unavailable, "cannot find the UEFI firmware of '\(QEMUDriver.program(of: architecture))'",
      hint:
        "install \(architecture == .arm64 ? "qemu-efi-aarch64" : "ovmf"), or boot a kernel with '--kernel'"
    )
  }

  private static let armPlaces = [
    ("/usr/share/AAVMF/AAVMF_CODE.fd", "/usr/share/AAVMF/AAVMF_VARS.fd"),
    ("/opt/homebrew/share/qemu/edk2-aarch64-code.fd", "/opt/homebrew/share/qemu/edk2-arm-vars.fd"),
  ]
  private static let x86Places = [
    ("/usr/share/OVMF/OVMF_CODE_4M.fd", "/usr/share/OVMF/OVMF_VARS_4M.fd"),
    ("/usr/share/OVMF/OVMF_CODE.fd", "/usr/share/OVMF/OVMF_VARS.fd"),
    ("/usr/share/edk2/x64/OVMF_CODE.4m.fd", "/usr/share/edk2/x64/OVMF_VARS.4m.fd"),
    ("/usr/local/share/qemu/edk2-x86_64-code.fd", "/usr/local/share/qemu/edk2-i386-vars.fd"),
  ]

  /// Makes the store for a disk from the template, unless there is one.
  ///
  /// - Throws: 71.
  func makeStore(_ path: String) throws(Failure) {
    if Path.exists(path) { return }
    let source = try Descriptor.open(variables)
    let template = try readAll(source.raw, name: "'\(variables)'", limit: ByteSize(bytes: 64 << 20))
    let store = try AtomicFile(path: path, mode: 0o600)
    let code = writeAll(template, to: store.descriptor.raw)
    if code != 0 { throw .system("cannot write '\(path)'", code) }
    try store.commit(replacing: false)
  }
}

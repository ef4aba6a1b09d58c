import VirbyKit

/// The UEFI firmware that QEMU boots a disk with: code, and the template of its variables.
struct Firmware {
  let code: String
  let variables: String

  /// Where distributions put it: Debian, Fedora, Arch; Homebrew and Nix keep it with QEMU.
  ///
  /// - Throws: 69 if none is there.
  static func installed() throws(Failure) -> Firmware {
    for (code, variables) in places where Path.exists(code) && Path.exists(variables) {
      return Firmware(code: code, variables: variables)
    }
    throw Failure(
      .unavailable, "cannot find the UEFI firmware of '\(QEMUDriver.program)'",
      hint: "install \(package), or boot a kernel with '--kernel'")
  }

  #if arch(arm64)
    private static let package = "qemu-efi-aarch64"
    private static let places = [
      ("/usr/share/AAVMF/AAVMF_CODE.fd", "/usr/share/AAVMF/AAVMF_VARS.fd"),
      (
        "/opt/homebrew/share/qemu/edk2-aarch64-code.fd",
        "/opt/homebrew/share/qemu/edk2-arm-vars.fd"
      ),
    ]
  #else
    private static let package = "ovmf"
    private static let places = [
      ("/usr/share/OVMF/OVMF_CODE_4M.fd", "/usr/share/OVMF/OVMF_VARS_4M.fd"),
      ("/usr/share/OVMF/OVMF_CODE.fd", "/usr/share/OVMF/OVMF_VARS.fd"),
      ("/usr/share/edk2/x64/OVMF_CODE.4m.fd", "/usr/share/edk2/x64/OVMF_VARS.4m.fd"),
      ("/usr/local/share/qemu/edk2-x86_64-code.fd", "/usr/local/share/qemu/edk2-i386-vars.fd"),
    ]
  #endif

  /// Makes the store for a disk from the template, unless there is one.
  ///
  /// - Throws: 71.
  func makeStore(_ path: String) throws(Failure) {
    if Path.exists(path) { return }
    let source = try Descriptor.open(variables, O_RDONLY)
    let template = try readAll(source.raw, name: "'\(variables)'", limit: ByteSize(bytes: 64 << 20))
    let store = try AtomicFile(path: path, mode: 0o600)
    let code = writeAll(template, to: store.descriptor.raw)
    if code != 0 { throw .system("cannot write '\(path)'", code) }
    try store.commit(replacing: false)
  }
}

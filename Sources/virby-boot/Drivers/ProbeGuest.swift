import VirbyKit

/// The smallest guest that proves an accelerator: one boot sector that ends QEMU.
enum ProbeGuest {
  /// `mov al, 0x10; out 0xf4, al; hlt`. The device at 0xf4 ends QEMU with status 0x10 * 2 + 1.
  private static let bootSector: [UInt8] =
    [0xb0, 0x10, 0xe6, 0xf4, 0xf4] + [UInt8](repeating: 0, count: 505) + [0x55, 0xaa]
  private static let success = Child.End.exited(33)

  /// Whether the guest comes up with that accelerator within a second.
  ///
  /// - Throws: 69 if QEMU cannot be started, 71 if the boot sector cannot be written.
  static func runs(with accelerator: Accelerator) throws(Failure) -> Bool {
    #if arch(x86_64)
      let image = try Descriptor.temporary()
      let code = writeAll(bootSector, to: image.raw)
      if code != 0 { throw .system("cannot write a boot sector", code) }
      let words = [
        QEMUDriver.program(of: .host), "-nodefaults", "-no-user-config", "-display", "none", "-m",
        "64",
        "-machine", "pc", "-accel", accelerator.option,
        "-device", "isa-debug-exit,iobase=0xf4,iosize=1",
        "-drive", "if=ide,format=raw,file=\(Inheritance.Role.image.path)",
      ]
      let child = try Child.spawn(
        words, errors: .null(), inheriting: Inheritance([(.image, image)]).numbers)
      return try child.end(within: .seconds(1)) == success
    #else
      // Other architectures have no such port; there a usable device is taken at its word.
      return true
    #endif
  }
}

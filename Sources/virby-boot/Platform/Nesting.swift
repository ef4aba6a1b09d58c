#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

import VirbyKit

extension Platform {
  /// Whether a guest on this Mac can run virtual machines of its own; nil if that cannot be told, as on
  /// every other system.
  ///
  /// Virtualization.framework asks for an M3 or later and macOS 15 or later. By sysctlbyname(3).
  static var supportsNesting: Bool? {
    #if canImport(Darwin)
      guard let processor = setting("machdep.cpu.brand_string"),
        let system = setting("kern.osproductversion")
      else { return nil }
      return supportsNesting(processor: processor, system: system)
    #else
      return nil
    #endif
  }

  /// Whether KVM lets its guests run virtual machines of their own; nil if that cannot be told.
  ///
  /// A parameter of the kernel's modules kvm_intel and kvm_amd.
  static var kernelNests: Bool? {
    for module in ["kvm_intel", "kvm_amd"] {
      guard
        let file = try? Descriptor.openExisting("/sys/module/\(module)/parameters/nested"),
        let text = try? file.bytes(count: 1, at: 0, path: module), let first = text.first
      else { continue }
      return first == UInt8(ascii: "Y") || first == UInt8(ascii: "1")
    }
    return nil
  }

  /// What `supportsNesting` is, told from `Apple M2 Pro` and `15.1`.
  static func supportsNesting(processor: String, system: String) -> Bool? {
    guard let major = Int(system.prefix { $0 != "." }), processor.hasPrefix("Apple M"),
      let generation = Int(processor.dropFirst(7).prefix { $0.isNumber })
    else { return nil }
    return generation >= 3 && major >= 15
  }

  #if canImport(Darwin)
    private static func setting(_ name: String) -> String? {
      var size = 0
      guard sysctlbyname(name, nil, &size, nil, 0) == 0 else { return nil }
      var text = [CChar](repeating: 0, count: size + 1)
      guard sysctlbyname(name, &text, &size, nil, 0) == 0 else { return nil }
      return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
  #endif
}

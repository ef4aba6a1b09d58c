import ArgumentParser

/// What instructions a guest is made of, by the names that Debian uses.
enum Architecture: String, CaseIterable, ExpressibleByArgument {
  case amd64
  case arm64

  /// The host's. An accelerator runs no other.
  static var host: Architecture {
    #if arch(arm64)
      .arm64
    #else
      .amd64
    #endif
  }
}

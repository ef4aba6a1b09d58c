// swift-tools-version: 6.0
import PackageDescription

// A static binary starts about three times faster on Linux and runs on any distribution. What Foundation
// needs of its own parts is not linked by itself then, and lld is the linker that has nothing to say about
// it. On macOS the Swift runtime is part of the system.
let release: [LinkerSetting] = [
  .unsafeFlags(
    [
      "-static-executable", "-use-ld=lld", "-Xlinker", "-s", "-l_FoundationCShims",
      "-l_FoundationCollections",
      "-lswiftSynchronization",
    ],
    .when(platforms: [.linux], configuration: .release))
]

let parser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

func command(_ name: String, _ more: [Target.Dependency] = []) -> [Target] {
  [
    .executableTarget(
      name: name, dependencies: ["VirbyKit", parser] + more, linkerSettings: release),
    .testTarget(
      name: name + "Tests", dependencies: [.byName(name: name), "VirbyKit"],
      resources: [.copy("Fixtures")]),
  ]
}

let package = Package(
  name: "virby",
  platforms: [.macOS(.v14)],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
  ],
  targets: [
    .target(name: "CVirby"),
    .systemLibrary(
      name: "COpenSSL", pkgConfig: "libcrypto",
      providers: [.apt(["libssl-dev"]), .brew(["openssl@3"])]),
    .target(name: "VirbyKit", dependencies: ["CVirby", parser]),
    .testTarget(name: "VirbyKitTests", dependencies: ["VirbyKit"]),
  ]
    + command("virby-image")
    + command("virby-keys", ["COpenSSL"])
    + command("virby-lease")
    + command("virby-boot")
    + command("virby-forward")
    + command("virby-idle")
)

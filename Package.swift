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

// With VIRBY_KQUEUE set, Linux takes the parts that macOS has over kqueue(2), on a stand-in for it.
let withKqueue = Context.environment["VIRBY_KQUEUE"] != nil
let kqueue: [Target] =
  withKqueue
  ? [.target(name: "CKqueue", path: "Tests/standins/kqueue", publicHeadersPath: "include")] : []
let kqueueUse: [Target.Dependency] = withKqueue ? ["CKqueue"] : []
let settings: [SwiftSetting] = withKqueue ? [.define("KQUEUE")] : []

// `--version` names it; scripts/release sets it.
let commit = Context.environment["VIRBY_COMMIT"].map {
  [CSetting.define("VIRBY_COMMIT", to: "\"\($0)\"")]
}

let parser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

func command(_ name: String, _ more: [Target.Dependency] = []) -> [Target] {
  [
    .executableTarget(
      name: name, dependencies: ["VirbyKit", parser] + kqueueUse + more,
      swiftSettings: settings, linkerSettings: release),
    .testTarget(
      name: name + "Tests", dependencies: [.byName(name: name), "VirbyKit"],
      resources: [.copy("Fixtures")], swiftSettings: settings),
  ]
}

let package = Package(
  name: "virby",
  platforms: [.macOS(.v14)],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2")
  ],
  targets: [
    .target(name: "CVirby", cSettings: commit),
    .systemLibrary(
      name: "COpenSSL", pkgConfig: "libcrypto",
      providers: [.apt(["libssl-dev"]), .brew(["openssl@3"])]),
    .target(
      name: "VirbyKit", dependencies: ["CVirby", parser] + kqueueUse, swiftSettings: settings),
    .testTarget(
      name: "VirbyKitTests", dependencies: ["VirbyKit"], swiftSettings: settings),
  ] + kqueue
    + command("virby-image", ["CVirby"])
    + command("virby-keys", ["COpenSSL"])
    + command("virby-lease")
    + command("virby-boot", ["CVirby"])
    + command("virby-forward", ["CVirby"])
    + command("virby-idle")
)

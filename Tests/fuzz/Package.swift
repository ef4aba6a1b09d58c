// swift-tools-version: 6.0
import PackageDescription

// A package of its own: what is built for libFuzzer is slow, and nobody but Tests/fuzz/run wants it. The
// sources are links to the project's.
let fuzzed: [SwiftSetting] = [.unsafeFlags(["-O", "-sanitize=fuzzer,address"])]
let parser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
  name: "fuzz",
  platforms: [.macOS(.v14)],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2")
  ],
  targets: [
    .target(name: "CLibFuzzer"),
    .target(name: "CVirby"),
    .target(name: "VirbyKit", dependencies: ["CVirby", parser], swiftSettings: fuzzed),
    .target(
      name: "VirbyLease", dependencies: ["VirbyKit", parser], exclude: ["LeaseCommand.swift"],
      swiftSettings: fuzzed),
    .executableTarget(
      name: "Fuzz", dependencies: ["CLibFuzzer", "VirbyKit", "VirbyLease"], swiftSettings: fuzzed,
      linkerSettings: [
        // gold, the default on Linux, warns of each symbol of the sanitizer.
        .unsafeFlags(["-use-ld=lld"], .when(platforms: [.linux])),
        .unsafeFlags(["-sanitize=fuzzer,address"]),
      ]),
  ]
)

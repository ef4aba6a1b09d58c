#!/usr/bin/env bats
# The flake's outputs, and what is not released yet.

load helpers

flake() {
  nix-instantiate --store dummy:// --eval --strict --json "$REPO/Tests/nix/flake.nix" --argstr swift "$1"
}

@test "the outputs are those of virby-nix-darwin, and more; the toolbox is compiled where Swift is 6" {
  flake 6.2.4 >outputs
  [ "$(jq -c .inputs outputs)" = '["nixpkgs"]' ]
  [ "$(jq -c .darwinModules outputs)" = '["default","virby"]' ]
  [ "$(jq -c .nixosModules outputs)" = '["guest"]' ]
  [ "$(jq -c '.packages["aarch64-darwin"] | contains(["default", "virby"])' outputs)" = true ]
  [ "$(jq -c '.packages["aarch64-linux"] | contains(["virby-nixos-guest"])' outputs)" = true ]
  [ "$(jq -c .overlay outputs)" = '["virby","virby-guest"]' ]
  [ "$(jq -c '.toolbox | map(endswith("-from-source")) | all' outputs)" = true ]
}

@test "with an older Swift the toolbox is the release's; where there is none, that is said" {
  if grep -q 'null;' "$REPO/nix/release.nix"; then
    run -1 flake 5.10.1
    [[ $output == *'has no released toolbox for '*': use a nixpkgs whose Swift is 6 or later, or set services.virby.package'* ]]
  else
    [ "$(flake 5.10.1 | jq -c '.toolbox | map(endswith("-from-release")) | all')" = true ]
  fi
}

@test "what is released has an address and a hash, and what is not has neither" {
  nix-instantiate --store dummy:// --eval --strict --json "$REPO/nix/release.nix" |
    jq -e '[.toolbox[], .image[]] | all(. == null or ((.url | startswith("https://")) and (.hash | test("^sha256-[A-Za-z0-9+/]{43}=$"))))'
  [ "$(nix-instantiate --store dummy:// --eval --strict --json "$REPO/nix/release.nix" | jq -r .version)" = \
    "$(sed -n 's/^public let version = "\(.*\)"$/\1/p' "$REPO/Sources/VirbyKit/Command/Version.swift")" ]
}

@test "SwiftPM and Nix take the same version of the one dependency, and no other" {
  version=$(sed -n 's|.*/apple/swift-argument-parser", exact: "\([0-9.]*\)").*|\1|p' "$REPO/Package.swift")
  [ -n "$version" ]
  [ "$(sed -n 's/^# swift-argument-parser \([0-9.]*\), .*/\1/p' "$REPO/nix/argument-parser.nix")" = "$version" ]
  grep -qF "swift-argument-parser\", exact: \"$version\"" "$REPO/Tests/fuzz/Package.swift"
}

@test "without the network Package.swift finds its dependency in a folder" {
  mkdir packages
  cp "$REPO/Package.swift" .
  "$REPO/nix/offline" Package.swift
  grep -q 'package(path: "packages/swift-argument-parser")' Package.swift
  run -1 grep -e https: -e testTarget\( -e linkerSettings Package.swift
}

# Packages by their names alone: nothing here is built.
system:

let
  package = name: {
    type = "derivation";
    inherit name;
    outPath = "/nix/store/00000000000000000000000000000000-${name}";
  };
in
{
  inherit package;
  stdenv.hostPlatform = { inherit system; };
  vfkit = package "vfkit";
  krunkit = package "krunkit";
  vmnet-helper = package "vmnet-helper";
  virby = package "virby";
  path = ./nixpkgs;
  callPackage = file: arguments: throw "callPackage ${toString file}: nothing is built here";
}

# The flake's outputs, as Nix would make them of a nixpkgs with that Swift: names, and what a package says.
{
  swift,
}:

let
  lib = import ./lib;
  flake = import ../../flake.nix;
  packagesFor =
    system:
    let
      pkgs = import ./pkgs.nix system;
      callPackage =
        file: arguments:
        let
          function = import file;
          # What is not here is only named in a package's definition.
          given = builtins.intersectAttrs (builtins.functionArgs function) all;
          all = pkgs // {
            inherit lib callPackage;
            swift.version = swift;
            swiftpm = null;
            openssl = null;
            pkg-config = null;
            fetchFromGitHub = { rev, hash, ... }: "/nix/store/source-${rev}";
            fetchurl = { url, hash }: url;
            runCommand = name: _: _: pkgs.package name;
            zstd = null;
            stdenv = pkgs.stdenv // {
              mkDerivation = attributes: pkgs.package "${attributes.pname}-${attributes.version}-from-source";
            };
            stdenvNoCC = pkgs.stdenv // {
              mkDerivation = attributes: pkgs.package "${attributes.pname}-${attributes.version}-from-release";
            };
          };
        in
        function (given // arguments);
    in
    pkgs
    // {
      inherit callPackage;
      nixfmt-tree = pkgs.package "nixfmt-tree";
      runCommand = name: _: _: pkgs.package name;
      bats = null;
      jq = null;
      nix = null;
      python3 = null;
    };
  nixpkgs = {
    inherit lib;
    outPath = ./nixpkgs;
    legacyPackages = lib.genAttrs [
      "aarch64-darwin"
      "x86_64-darwin"
      "aarch64-linux"
      "x86_64-linux"
    ] packagesFor;
  };
  self = flake.outputs { inherit self nixpkgs; } // {
    outPath = ../..;
  };
  names = builtins.attrNames;
in
{
  inputs = names flake.inputs;
  outputs = names (builtins.removeAttrs self [ "outPath" ]);
  darwinModules = names self.darwinModules;
  module = builtins.pathExists self.darwinModules.default;
  nixosModules = names self.nixosModules;
  packages = builtins.mapAttrs (_: names) self.packages;
  formatter = names self.formatter;
  checks = builtins.mapAttrs (_: names) self.checks;
  overlay = names (self.overlays.default (packagesFor "aarch64-darwin") { });
  toolbox = map (system: toString self.packages.${system}.virby) (names self.packages);
}

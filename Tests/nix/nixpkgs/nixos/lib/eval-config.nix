# Evaluates a NixOS configuration, with options that take anything: whether NixOS has them nobody says here.
{
  system,
  modules,
}:

let
  lib = import ../../../lib;
  inherit (lib) mkOption types;
  package = (import ../../../pkgs.nix system).package;
  pkgs =
    lib.genAttrs [
      "busybox"
      "coreutils"
      "e2fsprogs"
      "gawk"
      "gnugrep"
      "gnused"
      "kmod"
      "nix"
      "openssh"
      "openssl"
      "util-linux"
    ] package
    // {
      runCommand = name: _: _: package name;
      writeShellScript = name: _: package name;
      closureInfo = _: package "closure-info";
      stdenv.hostPlatform.efiArch = if lib.hasPrefix "aarch64" system then "aa64" else "x64";
    };
  anything = mkOption {
    type = types.attrsOf types.anything;
    default = { };
  };
in
lib.evalModules {
  specialArgs = {
    inherit pkgs;
    modulesPath = ../modules;
  };
  modules = modules ++ [
    {
      options = lib.genAttrs [
        "boot"
        "documentation"
        "environment"
        "fileSystems"
        "image"
        "networking"
        "nix"
        "services"
        "system"
        "systemd"
        "users"
        "zramSwap"
      ] (_: anything);
      config.system = {
        build = {
          toplevel = package "nixos-system";
          uki = package "uki";
          # Another one for each configuration.
          image = package "virby-guest" // {
            drvPath = "/nix/store/${builtins.hashString "md5" (builtins.toJSON (map toString (builtins.filter builtins.isPath modules)))}-virby-guest.drv";
          };
        };
        boot.loader.ukiFile = "nixos.efi";
      };
    }
  ];
}

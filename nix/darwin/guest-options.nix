# The options that virby-nix-darwin does not have.
{
  lib,
  options,
  pkgs,
  ...
}:

let
  inherit (lib) mkOption types;
  release = import ../release.nix;
  linuxSystem = builtins.replaceStrings [ "darwin" ] [ "linux" ] pkgs.stdenv.hostPlatform.system;
in
{
  options.services.virby = {
    image = mkOption {
      type = types.nullOr (types.either types.package types.path);
      default =
        if release.image.${linuxSystem} or null == null then
          null
        else
          pkgs.callPackage ../release-image.nix { inherit linuxSystem; };
      defaultText = lib.literalMD "the image of Virby's release, by its hash";
      description = ''
        The raw EFI image that the system disk is made from: a file, or a package that is or holds it
        (`passthru.filePath`). A new image replaces the system at the next start; {file}`/nix` stays.
      '';
    };

    package = mkOption {
      type = types.package;
      default = pkgs.virby or (pkgs.callPackage ../package.nix { });
      defaultText = lib.literalExpression "pkgs.virby";
      description = "The toolbox.";
    };

    ssh = mkOption {
      type = types.enum [
        "nat"
        "vsock"
      ];
      default = "nat";
      description = ''
        How the Mac reaches the guest: by the address that it gets from macOS, or, with vfkit, by vsock, before there is
        a network.
      '';
    };

    substituters = mkOption {
      type = types.nullOr (types.listOf types.str);
      default = null;
      example = [
        "https://cache.example"
        "https://cache.nixos.org"
      ];
      description = "The caches that the guest fetches from, instead of its own cache.nixos.org; none if empty.";
    };

    trustedPublicKeys = mkOption {
      type = types.listOf types.str;
      default = [ ];
      description = "Keys of caches that the guest trusts as well as that of cache.nixos.org.";
    };

    guestNixConf = mkOption {
      type = types.lines;
      default = "";
      example = "timeout = 3600";
      description = "Lines for the guest's {manpage}`nix.conf(5)`. A line that its Nix refuses is left out.";
    };

    closing = {
      minFree = mkOption {
        type = types.str;
        default = "5GiB";
        description = "Before the VM is powered off it collects garbage if less than this is free in its store,";
      };
      maxFree = mkOption {
        type = types.str;
        default = "7GiB";
        description = "until this much is free,";
      };
      maxUsed = mkOption {
        type = types.nullOr types.str;
        default = null;
        description = "or no more than this is used.";
      };
    };

    # For the other files of this module.
    constants = mkOption {
      type = types.anything;
      internal = true;
      readOnly = true;
      default = {
        inherit linuxSystem;
        host = "virby-vm";
        user = "_virby";
        group = "virby";
        folder = "/var/lib/virby";
        settings = "/etc/virby/virby-vm.conf";
        libexec = "/etc/virby/libexec";
        # The default is one of the definitions.
        hasExtraConfig = lib.any (module: module != { }) options.services.virby.extraConfig.definitions;
      };
    };
  };
}

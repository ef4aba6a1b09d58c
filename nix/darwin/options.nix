# The options of virby-nix-darwin, with their names, types, defaults and meaning.
{
  config,
  lib,
  pkgs,
  ...
}:

let
  inherit (lib) mkOption types;
  cfg = config.services.virby;
in
{
  options.services.virby = {
    enable = lib.mkEnableOption "Virby, a Linux builder that starts when a build wants it";

    allowUserSsh = mkOption {
      type = types.bool;
      default = false;
      description = ''
        Whether every user of this Mac may log in with `ssh virby-vm`. They get a key of their own, which is gone when
        the option is; none of them can read the builder's. Whoever may log in can become root in the guest.
      '';
    };

    cores = mkOption {
      type = types.int;
      default = 8;
      description = "The guest's processors, and how many builds Nix gives it at once.";
    };

    debug = mkOption {
      type = types.bool;
      default = false;
      description = "Whether every stage explains itself in {file}`/var/lib/virby/log`, the guest's kernel too.";
    };

    diskSize = mkOption {
      type = types.str;
      default = "100GiB";
      example = "200GiB";
      description = ''
        What the guest's store may grow to, with the unit MiB, GiB or TiB. The file takes only the room that is used.
        A disk grows at the next start; it never shrinks.
      '';
    };

    driver = mkOption {
      type = types.enum [
        "krunkit"
        "vfkit"
      ];
      default = "vfkit";
      description = "The program that runs the virtual machine.";
    };

    driverPackage = mkOption {
      type = types.package;
      readOnly = true;
      default = pkgs.${cfg.driver};
      defaultText = lib.literalExpression "pkgs.\${config.services.virby.driver}";
      description = "The package of {option}`services.virby.driver`, to be read only.";
    };

    extraConfig = mkOption {
      type = types.deferredModule;
      default = { };
      description = ''
        NixOS modules that are merged into the guest. The builder works before the system with them has been built:
        it starts with the released image, builds the system itself, and takes it at the next start. The store stays.
      '';
    };

    memory = mkOption {
      type = types.either types.int types.str;
      default = 6144;
      example = "6GiB";
      description = "The guest's memory: a number of MiB, or a string with the unit MiB, M, GiB or G.";
    };

    nestedVirtualization = mkOption {
      type = types.bool;
      default = false;
      description = "Whether builds may run virtual machines (`kvm`, `nixos-test`): macOS 15, and an M3 or later.";
    };

    onDemand = mkOption {
      type = types.submodule {
        options = {
          enable = mkOption {
            type = types.bool;
            default = false;
            description = "Whether the VM runs only while it is wanted. By default it always does.";
          };
          ttl = mkOption {
            type = types.int;
            default = 180;
            description = "With `enable`: after how many minutes without a connection the VM is powered off.";
          };
        };
      };
      default = { };
      description = "When the VM runs.";
    };

    port = mkOption {
      type = types.port;
      default = 31222;
      description = "The port on 127.0.0.1 at which the builder is reached.";
    };

    rosetta = mkOption {
      # virby-nix-darwin had `rosetta.enable` until July 2025, and its manual still has.
      type = types.either types.bool (
        types.submodule {
          options.enable = mkOption {
            type = types.bool;
            default = false;
            description = "The same.";
          };
        }
      );
      default = false;
      apply = value: if lib.isBool value then value else value.enable;
      description = "Whether the guest builds for x86_64-linux too, by Rosetta.";
    };

    sharedDirectories = mkOption {
      type = types.attrsOf types.str;
      default = { };
      example = {
        ccache = "/var/cache/ccache";
      };
      description = "Folders of the Mac by tag; the guest has each at {file}`/mnt/virtiofs/TAG`, to read and to write.";
    };

    speedFactor = mkOption {
      type = types.int;
      default = 1;
      description = "The builder's speed, as `nix.buildMachines` compares it with others.";
    };

    supportDeterminateNix = mkOption {
      type = types.bool;
      default = false;
      description = ''
        Whether to write `determinateNix.buildMachines` and not `nix.buildMachines`. The module of Determinate Nix has to
        be imported. Its own Linux builder is switched off, unless you switch it on.
      '';
    };
  };
}

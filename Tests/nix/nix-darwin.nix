# The options of nix-darwin that services.virby sets, and what nix-darwin makes of them: as much as the modules lean on.
{ config, lib, ... }:

let
  inherit (lib) mkOption types;

  text = mkOption {
    type = types.lines;
    default = "";
  };
  file = {
    options = {
      inherit text;
      source = mkOption {
        type = types.nullOr types.path;
        default = null;
      };
    };
  };
  script = mkOption {
    type = types.submodule { options = { inherit text; }; };
    default = { };
  };
  machine = {
    options = {
      hostName = mkOption { type = types.str; };
      protocol = mkOption { type = types.str; };
      systems = mkOption { type = types.listOf types.str; };
      maxJobs = mkOption { type = types.int; };
      speedFactor = mkOption { type = types.int; };
      supportedFeatures = mkOption { type = types.listOf types.str; };
    };
  };
  # nix-darwin's way to write a file is a derivation; what it would hold is known here by its name alone.
  withSource =
    name: entry:
    entry
    // lib.optionalAttrs (entry.source == null) {
      source = "/nix/store/${builtins.hashString "md5" entry.text}-etc-${baseNameOf name}";
    };

  builders = {
    buildMachines = mkOption {
      type = types.listOf (types.submodule machine);
      default = [ ];
    };
    distributedBuilds = mkOption {
      type = types.bool;
      default = false;
    };
  };
in
{
  options = {
    assertions = mkOption {
      type = types.listOf types.anything;
      default = [ ];
    };
    environment.etc = mkOption {
      type = types.attrsOf (types.submodule file);
      default = { };
      apply = builtins.mapAttrs withSource;
    };
    environment.systemPackages = mkOption {
      type = types.listOf types.package;
      default = [ ];
    };
    launchd.daemons = mkOption {
      type = types.attrsOf types.anything;
      default = { };
    };
    nix = builders // {
      enable = mkOption {
        type = types.bool;
        default = true;
      };
    };
    system.activationScripts = {
      extraActivation = script;
      postActivation = script;
    };
    system.build = mkOption {
      type = types.attrsOf types.anything;
      default = { };
    };
    system.checks = { inherit text; };
  };

  config.environment.etc."nix/machines" = lib.mkIf (config.nix.enable && config.nix.buildMachines != [ ]) {
    text = import ./machines.nix lib config.nix.buildMachines;
  };
}

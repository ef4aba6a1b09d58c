# The options of Determinate's module that services.virby sets, and what that makes of them.
{ config, lib, ... }:

let
  inherit (lib) mkOption types;
in
{
  options.determinateNix = {
    enable = mkOption {
      type = types.bool;
      default = true;
    };
    buildMachines = mkOption {
      type = types.listOf types.anything;
      default = [ ];
    };
    distributedBuilds = mkOption {
      type = types.bool;
      default = false;
    };
    determinateNixd.builder.state = mkOption {
      type = types.nullOr (
        types.enum [
          "disabled"
          "enabled"
        ]
      );
      default = null;
    };
  };

  config = lib.mkIf config.determinateNix.enable {
    nix.enable = lib.mkForce false;
    environment.etc."nix/machines" = lib.mkIf (config.determinateNix.buildMachines != [ ]) {
      text = import ./machines.nix lib config.determinateNix.buildMachines;
    };
  };
}

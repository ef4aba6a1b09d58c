# What nix-darwin would make of a configuration with services.virby, as data. `configuration` is a module in Nix's
# language, or the name of a file with one.
{
  configuration,
  system ? "aarch64-darwin",
  determinate ? false,
  lib ? import ./lib,
  pkgs ? import ./pkgs.nix system,
}:

let
  inherit
    (lib.evalModules {
      specialArgs = { inherit pkgs; };
      modules = [
        ./nix-darwin.nix
        ../../nix/darwin-module.nix
        configuration
      ]
      ++ lib.optional determinate ./determinate.nix;
    })
    config
    ;
  failed = builtins.filter (entry: !entry.assertion) config.assertions;
in
if failed != [ ] then
  throw "Failed assertions:${builtins.concatStringsSep "" (map (entry: "\n- ${entry.message}") failed)}"
else
  {
    inherit (config.environment) etc;
    checks = config.system.checks.text;
    activation = builtins.mapAttrs (name: script: script.text) config.system.activationScripts;
    daemons = builtins.mapAttrs (name: daemon: daemon.serviceConfig) config.launchd.daemons;
    nix = {
      inherit (config.nix) buildMachines distributedBuilds;
    };
    systemPackages = map toString config.environment.systemPackages;
  }
  // lib.optionalAttrs determinate { inherit (config) determinateNix; }

# extraConfig, without a Linux builder at hand: the builder starts with the image that there is, builds the one with
# extraConfig itself, and takes it at the next start. What Nix needs for that, the .drv, is part of the Mac's system;
# its output is not, so a switch never waits for it.
{
  config,
  lib,
  pkgs,
  ...
}:

let
  cfg = config.services.virby;
  inherit (cfg.constants) hasExtraConfig libexec linuxSystem;
  guest = import ../image.nix {
    inherit (pkgs) path;
    system = linuxSystem;
    modules = [ cfg.extraConfig ];
  };
  image = guest.config.system.build.image;
in
{
  config = lib.mkIf (cfg.enable && hasExtraConfig) {
    system.build.virbyImage = image;

    launchd.daemons.virby-image.serviceConfig = {
      ProgramArguments = [
        "/bin/sh"
        "-c"
        "/bin/wait4path /nix/store && exec ${libexec}/virby-next-image ${builtins.unsafeDiscardOutputDependency image.drvPath}"
      ];
      RunAtLoad = true;
      # Until it has been built once; no more often than every ten minutes.
      KeepAlive.SuccessfulExit = false;
      ThrottleInterval = 600;
      StandardErrorPath = "/var/log/virby-image.log";
    };
  };
}

# The launchd job. What is in it stops the VM when it changes, so nothing is in it that the settings can hold.
# templates/launchd.plist is what the installer makes of the same.
{ config, lib, ... }:

let
  cfg = config.services.virby;
  inherit (cfg.constants)
    folder
    group
    libexec
    settings
    user
    ;
in
{
  config = lib.mkIf cfg.enable {
    launchd.daemons.virbyd.serviceConfig = {
      # /nix is a volume of its own, which is mounted later.
      ProgramArguments = [
        "/bin/sh"
        "-c"
        "/bin/wait4path /nix/store && exec ${libexec}/virbyd"
      ];
      EnvironmentVariables.VIRBY_SETTINGS = settings;
      UserName = user;
      GroupName = group;
      WorkingDirectory = folder;
      Umask = 63; # 077
      Sockets.Listener = {
        SockType = "stream";
        SockFamily = "IPv4";
        SockNodeName = "127.0.0.1";
        SockServiceName = toString cfg.port;
      };
      inetdCompatibility.Wait = true;
      KeepAlive = !cfg.onDemand.enable;
      RunAtLoad = !cfg.onDemand.enable;
      ExitTimeOut = 90;
      ProcessType = "Interactive";
      SoftResourceLimits.NumberOfFiles = 8192;
    };
  };
}

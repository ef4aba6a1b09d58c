# Nix in the guest.
{ lib, pkgs, ... }:

{
  nix = {
    channel.enable = false;
    settings = {
      experimental-features = [
        "nix-command"
        "flakes"
      ];
      trusted-users = [
        "root"
        "builder"
      ];
      # kvm and nixos-test come with /run/virby/features.conf, where they work.
      system-features = lib.mkDefault [
        "benchmark"
        "big-parallel"
        "virby"
      ];
      min-free = lib.mkDefault (1024 * 1024 * 1024);
      max-free = lib.mkDefault (3 * 1024 * 1024 * 1024);
      # A builder that passes builds on can pass them in a circle.
      builders = lib.mkForce "";
      fallback = true;
      connect-timeout = lib.mkDefault 3;
    };
    extraOptions = ''
      !include /run/virby/features.conf
      !include /run/virby/nix.conf
    '';
  };

  systemd.services.nix-daemon = {
    after = [ "virby-keys.service" ];
    path = [
      pkgs.coreutils
      pkgs.gnused
      pkgs.kmod
      pkgs.nix
    ];
    # The kernel kills builds when memory ends.
    serviceConfig = {
      OOMScoreAdjust = lib.mkForce 500;
      EnvironmentFile = "-/run/virby/environment";
      ExecStartPre = pkgs.writeShellScript "virby-nix" ''
        /usr/lib/virby/schema
        /usr/lib/virby/features >/run/virby/features.conf
      '';
    };
  };

  users.users.builder = {
    isNormalUser = true;
    uid = 1000;
  };
  users.mutableUsers = false;
  users.allowNoPasswordLogin = true;

  zramSwap.enable = true;
  documentation.enable = lib.mkDefault false;
  environment.defaultPackages = lib.mkDefault [ ];
  system.stateVersion = lib.mkDefault "25.05";
}

# The scripts of scripts/guest, at the names that they have for each other.
{ lib, pkgs, ... }:

let
  # What only a guest without systemd has.
  others = [
    "boot"
    "dhcp"
    "late"
    "mark"
    "network"
    "power"
    "shutdown"
    "sshd"
    "store"
    "swap"
    "vsock"
  ];
  scripts = pkgs.runCommand "virby-guest-scripts" { } ''
    mkdir $out
    cp ${../../scripts/guest/rootfs/usr/lib/virby}/* $out
    cd $out
    rm ${lib.concatStringsSep " " (lib.remove "mark" others)}
  '';
in
{
  systemd.tmpfiles.rules = [
    "L+ /usr/lib/virby - - - - ${scripts}"
    "L+ /bin/busybox - - - - ${pkgs.busybox}/bin/busybox"
    "d /run/virby 0755 root root"
  ];

  # What the host gives for this boot: keys and settings, before there is any login or any build.
  systemd.services.virby-keys = {
    description = "What the host gives for this boot";
    wantedBy = [ "multi-user.target" ];
    before = [
      "sshd.service"
      "nix-daemon.service"
    ];
    requiredBy = [ "sshd.service" ];
    after = [ "systemd-tmpfiles-setup.service" ];
    unitConfig.DefaultDependencies = false;
    serviceConfig = {
      Type = "oneshot";
      RemainAfterExit = true;
      ExecStart = "/usr/lib/virby/install-keys";
      StandardOutput = "tty";
      TTYPath = "/dev/console";
    };
    path = [
      pkgs.coreutils
      pkgs.gawk
      pkgs.gnugrep
      pkgs.gnused
      pkgs.kmod
      pkgs.nix
      pkgs.openssh
      pkgs.openssl
      pkgs.util-linux
      pkgs.busybox
    ];
  };

  systemd.services.virby-clock = {
    description = "The host's clock after it has slept";
    wantedBy = [ "multi-user.target" ];
    path = [ pkgs.coreutils ];
    serviceConfig = {
      ExecStart = "/usr/lib/virby/clock-loop";
      Restart = "always";
    };
  };

  systemd.services.virby-grow = {
    description = "The room of a disk that has grown";
    wantedBy = [ "multi-user.target" ];
    path = [
      pkgs.coreutils
      pkgs.e2fsprogs
      pkgs.util-linux
      pkgs.busybox
    ];
    serviceConfig = {
      Type = "oneshot";
      ExecStart = "/usr/lib/virby/grow";
      # authorized-keys waits for it.
      ExecStopPost = "${pkgs.coreutils}/bin/touch /run/virby/grown";
    };
  };
}

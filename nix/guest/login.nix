# Logins: sshd as virby-guest(7) says, on TCP and on vsock.
{ lib, pkgs, ... }:

let
  text = builtins.readFile ../../scripts/guest/rootfs/etc/ssh/sshd_config.d/virby.conf;
  path = lib.makeBinPath [
    pkgs.coreutils
    pkgs.gnugrep
    pkgs.busybox
  ];
in
{
  services.openssh = {
    enable = true;
    # The host gives one at each start.
    hostKeys = lib.mkForce [ ];
    # NixOS writes these before the text, and sshd takes the first value of a setting.
    authorizedKeysFiles = lib.mkForce [ "none" ];
    settings = {
      PasswordAuthentication = false;
      KbdInteractiveAuthentication = false;
      # Without PAM sshd turns away accounts without a password, as NixOS makes them.
      UsePAM = true;
      UseDns = false;
      X11Forwarding = false;
    };
    # Last, for it ends with a Match.
    extraConfig = lib.mkAfter (
      lib.replaceStrings [ "/usr/lib/virby/authorized-keys" ] [ "/etc/ssh/virby-authorized-keys" ] text
    );
  };

  # sshd runs no command from a folder that a group can write to, as that of the store; with a mode it is a copy.
  environment.etc."ssh/virby-authorized-keys" = {
    mode = "0755";
    text = ''
      #!/bin/sh
      PATH=${path} exec /bin/busybox sh /usr/lib/virby/authorized-keys
    '';
  };

  systemd.services.sshd.after = [ "virby-keys.service" ];

  # A vsock tells nobody that its other end is gone: sshd asks (ClientAliveInterval).
  systemd.sockets.virby-vsock = {
    description = "sshd on the vsock";
    wantedBy = [ "sockets.target" ];
    socketConfig = {
      ListenStream = "vsock::22";
      Accept = true;
      MaxConnections = 512;
      TriggerLimitIntervalSec = 0;
    };
    unitConfig.ConditionPathExists = "/dev/vsock";
  };
  systemd.services."virby-vsock@" = {
    description = "sshd for one connection by vsock";
    after = [ "virby-keys.service" ];
    requires = [ "virby-keys.service" ];
    serviceConfig = {
      ExecStart = "-${pkgs.openssh}/bin/sshd -i -e -o LoginGraceTime=60 -f /etc/ssh/sshd_config";
      StandardInput = "socket";
      StandardError = "journal";
    };
  };
  # systemd has one of its own for this.
  systemd.generators.systemd-ssh-generator = "/dev/null";
}

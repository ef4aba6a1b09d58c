# The store on the second disk, if the host gives one, and what is in it: docs/store.md. The system itself is part of
# the store here. So at the first start of a new image what it brings is copied from its own disk to the store, before
# any of it runs; what was there stays.
{ config, pkgs, ... }:

let
  inherit (config.system.build) toplevel;
in
{
  boot.initrd.systemd = {
    initrdBin = [
      pkgs.coreutils
      pkgs.e2fsprogs
      pkgs.gnugrep
      pkgs.util-linux
    ];
    services.virby-store = {
      description = "The store on a disk of its own";
      unitConfig.DefaultDependencies = false;
      requires = [ "sysroot.mount" ];
      after = [ "sysroot.mount" ];
      before = [
        "initrd-find-nixos-closure.service"
        "initrd-fs.target"
      ];
      requiredBy = [ "initrd-fs.target" ];
      serviceConfig = {
        Type = "oneshot";
        # Without its store a guest is no builder: it ends, and the host sees that.
        FailureAction = "poweroff-force";
      };
      script = builtins.readFile ./store;
    };
  };

  # All of it is known to Nix before its daemon starts, and is kept as long as this is the system. What it brings is
  # registered again when the system comes back after another one, under which it was garbage.
  systemd.services.virby-registration = {
    description = "What this system brings to the store";
    wantedBy = [ "multi-user.target" ];
    before = [ "nix-daemon.service" ];
    path = [ pkgs.nix ];
    serviceConfig.Type = "oneshot";
    script = ''
      if ! nix-store --check-validity ${toplevel}; then
        nix-store --load-db </nix-path-registration
      fi
      ln -sfn ${toplevel} /nix/var/nix/gcroots/virby-system
    '';
  };
}

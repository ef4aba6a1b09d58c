# The disk: an EFI partition with one file to boot, and behind it the root partition, which grows.
{
  config,
  lib,
  modulesPath,
  pkgs,
  ...
}:

let
  inherit (pkgs.stdenv.hostPlatform) efiArch;
  inherit (config.system.build) toplevel uki;
  file = config.system.boot.loader.ukiFile;
in
{
  imports = [ (modulesPath + "/image/repart.nix") ];

  boot.loader.grub.enable = false;
  boot.initrd.systemd.enable = true;

  fileSystems."/" = {
    device = "/dev/disk/by-partlabel/root";
    fsType = "ext4";
    options = [
      "noatime"
      "discard"
      "noinit_itable"
    ];
  };

  image.repart = {
    name = "virby-guest";
    partitions = {
      "10-esp" = {
        contents."/EFI/BOOT/BOOT${lib.toUpper efiArch}.EFI".source = "${uki}/${file}";
        repartConfig = {
          Type = "esp";
          Label = "esp";
          Format = "vfat";
          SizeMinBytes = "128M";
        };
      };
      "20-root" = {
        storePaths = [ toplevel ];
        # What the store's database has to know of; the first start reads it.
        contents."/nix-path-registration".source = "${
          pkgs.closureInfo { rootPaths = [ toplevel ]; }
        }/registration";
        repartConfig = {
          Type = "root";
          Label = "root";
          Format = "ext4";
          Minimize = "guess";
        };
      };
    };
  };
}

# The NixOS guest as a raw EFI image: its system.build.image. systemd-repart writes it without a virtual machine, so a
# builder without KVM can build it, the one that is to be replaced among them.
{
  # nixpkgs
  path,
  system,
  modules ? [ ],
}:

import (path + "/nixos/lib/eval-config.nix") {
  inherit system;
  modules = [
    ./guest.nix
    ./guest/disk.nix
  ]
  ++ modules;
}

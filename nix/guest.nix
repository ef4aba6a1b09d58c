# A NixOS that is a builder's guest as virby-guest(7) says. What it is given at each start is taken by the same scripts
# as in the guest that scripts/guest makes, and by none of its own.
{
  imports = [
    ./guest/scripts.nix
    ./guest/builder.nix
    ./guest/login.nix
    ./guest/machine.nix
    ./guest/store.nix
  ];
}

# The NixOS guest's configuration, as data.
let
  inherit
    (import ../../nix/image.nix {
      path = ./nixpkgs;
      system = "aarch64-linux";
    })
    config
    ;
in
# These are the stand-in's own.
builtins.removeAttrs config [ "system" ]

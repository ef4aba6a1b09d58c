{
  description = "A Linux builder for Nix on macOS that starts when a build wants it";

  # A name that users may follow.
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixpkgs-unstable";

  outputs =
    { self, nixpkgs }:
    let
      inherit (nixpkgs) lib;
      systems = [
        "aarch64-darwin"
        "x86_64-darwin"
        "aarch64-linux"
        "x86_64-linux"
      ];
      forSystems = names: make: lib.genAttrs names (system: make system nixpkgs.legacyPackages.${system});
      guestFor =
        system:
        import ./nix/image.nix {
          inherit system;
          path = nixpkgs;
        };
      release = import ./nix/release.nix;
    in
    {
      darwinModules = {
        default = self.darwinModules.virby;
        virby = ./nix/darwin-module.nix;
      };

      nixosModules.guest = ./nix/guest.nix;

      overlays.default = final: prev: {
        virby = final.callPackage ./nix/package.nix { };
        virby-guest = final.callPackage ./nix/release-image.nix {
          linuxSystem = lib.replaceStrings [ "darwin" ] [ "linux" ] final.stdenv.hostPlatform.system;
        };
      };

      packages = forSystems systems (
        system: pkgs:
        let
          linuxSystem = lib.replaceStrings [ "darwin" ] [ "linux" ] system;
        in
        {
          default = self.packages.${system}.virby;
          virby = pkgs.callPackage ./nix/package.nix { };
        }
        # A package that cannot be had is not there.
        // lib.optionalAttrs (release.image.${linuxSystem} != null) {
          virby-guest = pkgs.callPackage ./nix/release-image.nix { inherit linuxSystem; };
        }
        // lib.optionalAttrs (lib.hasSuffix "-linux" system) {
          virby-nixos-guest = (guestFor system).config.system.build.image;
        }
      );

      formatter = forSystems systems (_: pkgs: pkgs.nixfmt-tree);

      checks = forSystems systems (
        system: pkgs: {
          modules =
            pkgs.runCommand "virby-modules"
              {
                nativeBuildInputs = [
                  pkgs.bats
                  pkgs.jq
                  pkgs.nix
                  pkgs.python3
                ];
              }
              ''
                export HOME=$TMPDIR
                cp -r ${self} source
                chmod -R u+w source
                bats source/Tests/nix/module.bats
                touch $out
              '';
        }
      );
    };
}

# The toolbox: from source where nixpkgs' Swift is 6, which the sources are written in; elsewhere from the release.
{
  lib,
  swift,
  callPackage,
  ...
}:

if lib.versionAtLeast (lib.getVersion swift) "6" then
  callPackage ./package-source.nix { }
else
  callPackage ./package-release.nix { }

# The toolbox of the release, by its hash. It needs nothing but the system.
{
  lib,
  stdenvNoCC,
  fetchurl,
}:

let
  release = import ./release.nix;
  inherit (stdenvNoCC.hostPlatform) system;
  file = release.toolbox.${system} or null;
in
if file == null then
  throw "Virby ${release.version} has no released toolbox for ${system}: use a nixpkgs whose Swift is 6 or later, or set services.virby.package"
else
  stdenvNoCC.mkDerivation {
    pname = "virby";
    inherit (release) version;
    src = fetchurl { inherit (file) url hash; };

    # What is signed and stripped stays as it is.
    dontConfigure = true;
    dontBuild = true;
    dontFixup = true;
    installPhase = ''
      cp -R . $out
    '';

    meta = {
      description = "Linux builder for Nix that starts when a build wants it";
      license = lib.licenses.mit;
      platforms = lib.attrNames (lib.filterAttrs (_: value: value != null) release.toolbox);
      mainProgram = "virby";
      sourceProvenance = [ lib.sourceTypes.binaryNativeCode ];
    };
  }

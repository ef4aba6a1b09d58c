# The image of the release, fetched by its hash, so that no Linux builder is needed to get one.
{
  runCommand,
  fetchurl,
  zstd,
  linuxSystem,
}:

let
  release = import ./release.nix;
  file = release.image.${linuxSystem} or null;
in
if file == null then
  throw "Virby ${release.version} has no released image for ${linuxSystem}: set services.virby.image to a raw EFI image"
else
  runCommand "virby-guest-${release.version}"
    {
      src = fetchurl { inherit (file) url hash; };
      nativeBuildInputs = [ zstd ];
      passthru.filePath = "disk.img";
    }
    ''
      mkdir $out
      zstd -dc --long=27 "$src" >$out/disk.img
    ''

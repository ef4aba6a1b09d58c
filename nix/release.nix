# What the release has for each system, by its hash: { url, hash }. null: there is none yet. A hash is written
# here when the file that has it has been published, and not before.
{
  version = "0.1.0";

  # The toolbox: virby-VERSION-PLATFORM.tar.gz, which unpacks to a prefix.
  toolbox = {
    aarch64-darwin = null;
    x86_64-darwin = null;
    aarch64-linux = null;
    x86_64-linux = null;
  };

  # The guest's disk: virby-guest-ARCH.img.zst.
  image = {
    aarch64-linux = null;
    x86_64-linux = null;
  };
}

#!/usr/bin/env bats
# The same by Nix 2.26, Debian trixie's, taken from the guest's image.

load helpers

setup_file() {
  local image start root=$BATS_FILE_TMPDIR/root
  image=$("$REPO/scripts/guest/build")/disk.img
  mkdir "$root"
  start=$(sfdisk --json "$image" | jq '.partitiontable.partitions[-1].start * 512')
  debugfs -R "rdump /usr/lib/$(uname -m)-linux-gnu /usr/bin/nix $root" "$image?offset=$start" 2>/dev/null
  export VIRBY_NIX=$root/nix-instantiate
  cat >"$VIRBY_NIX" <<END
#!/bin/sh
exec $root/$(uname -m)-linux-gnu/ld-linux-*.so.* --library-path $root/$(uname -m)-linux-gnu --argv0 nix-instantiate \\
  $root/nix "\$@"
END
  chmod +x "$VIRBY_NIX"
}

@test "it is Nix 2.26" {
  [ "$("$VIRBY_NIX" --version)" = 'nix-instantiate (Nix) 2.26.3' ]
}

@test "the defaults, disabled, the guest" {
  golden defaults defaults
  golden disabled disabled
  golden guest guest
}

@test "each option" {
  golden options changes
}

@test "each wrong value" {
  golden refused refusals
}

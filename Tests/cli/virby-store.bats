#!/usr/bin/env bats
# The disk of the store, as a file.

load helpers
load scripts

setup() {
  own_folder
  export VIRBY_DIR=$BATS_TEST_TMPDIR/virby
  mkdir -m 700 virby
  store=$VIRBY_DIR/store.img
}

@test "it is a file of zeros that takes no room; it grows, and never shrinks" {
  VIRBY_STORE_SIZE=2GiB "$REPO/scripts/virby-store"
  [ "$(stat -c '%s %a' "$store")" = "$((2 << 30)) 600" ]
  [ "$(du -m "$store" | cut -f 1)" -le 1 ]
  printf content | dd of="$store" conv=notrunc status=none
  VIRBY_STORE_SIZE=3072MiB "$REPO/scripts/virby-store"
  [ "$(stat -c %s "$store")" = $((3 << 30)) ]
  VIRBY_STORE_SIZE=1GiB "$REPO/scripts/virby-store"
  [ "$(stat -c %s "$store")" = $((3 << 30)) ]
  [ "$(head -c 7 "$store")" = content ]
  [ "$(ls "$VIRBY_DIR")" = store.img ]
}

@test "a builder whose store is on the system's disk gets no empty one beside it, with which a new image would replace both" {
  echo system >"$VIRBY_DIR/disk.img"
  VIRBY_STORE_SIZE=2GiB run -65 --separate-stderr "$REPO/scripts/virby-store"
  [ "$output" = "" ]
  [ "$stderr" = "virby-store: the store is on '$VIRBY_DIR/disk.img'
virby-store: hint: 'virby-prepare --replace' makes a builder with a disk for it; what has been built is lost then" ]
  [ "$(ls "$VIRBY_DIR")" = disk.img ]
  # What virby-prepare asks for, as it makes the other anew.
  VIRBY_STORE_SIZE=2GiB "$REPO/scripts/virby-store" --replace
  [ -e "$store" ]
  VIRBY_STORE_SIZE=3GiB "$REPO/scripts/virby-store"
  [ "$(stat -c %s "$store")" = $((3 << 30)) ]
  VIRBY_STORE_SIZE=3GiB run -64 --separate-stderr "$REPO/scripts/virby-store" --now
}

@test "what is not a size is refused, and nothing is made" {
  for size in '' 1 100 1GB -1GiB '1 GiB' 512MiB 0GiB; do
    VIRBY_STORE_SIZE=$size run -64 --separate-stderr "$REPO/scripts/virby-store"
    [ "${stderr_lines[0]}" = "virby-store: '$size' is not a size for a store" ]
  done
  [ -z "$(ls "$VIRBY_DIR")" ]
}

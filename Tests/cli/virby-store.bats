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

@test "what is not a size is refused, and nothing is made" {
  for size in '' 1 100 1GB -1GiB '1 GiB' 512MiB 0GiB; do
    VIRBY_STORE_SIZE=$size run -64 --separate-stderr "$REPO/scripts/virby-store"
    [ "${stderr_lines[0]}" = "virby-store: '$size' is not a size for a store" ]
  done
  [ -z "$(ls "$VIRBY_DIR")" ]
}

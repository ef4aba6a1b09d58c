#!/usr/bin/env bats
# A store on a disk of its own outlives the system: docs/store.md.

load builder

# new_image: another image than the builder's, and a file in it by which it is known.
new_image() {
  local start
  cp --sparse=always "$VIRBY_IMAGE" new.img
  start=$(virby-image inspect --json new.img | jq '.partitions[-1].first * .sectorSize')
  echo new >mark
  debugfs -w -R 'write mark /etc/mark' "new.img?offset=$start" 2>/dev/null
}

@test "a new image changes the system, not the store, and waits until the VM does not run" {
  # Nothing is collected, small as the store is.
  export VIRBY_STORE_SIZE=3GiB VIRBY_CLOSE=''
  rm "$VIRBY_DIR/disk.img"
  virby-prepare
  [ "$(stat -c %s "$VIRBY_DIR/store.img")" = $((3 << 30)) ]
  VIRBY_TTL=4s
  serve
  stay
  path=$(build first)
  built "$path" first
  guest "mountpoint -q /nix && nix-store --check-validity $path && ! [ -e /etc/mark ]"
  keys=$(sha256sum "$VIRBY_DIR"/keys/ssh_*)

  new_image
  VIRBY_IMAGE=$PWD/new.img run -0 --separate-stderr virby-prepare
  [ "$stderr" = 'virby-prepare: the new image is for the next start' ]
  guest 'true'
  leave
  eventually 60 ended 1 0
  clean_disk
  e2fsck -fn "$VIRBY_DIR/store.img"
  retire

  VIRBY_IMAGE=$PWD/new.img VIRBY_STORE_SIZE=5GiB
  serve
  guest "[ -e /etc/mark ] && nix-store --check-validity $path && cat $path" >found
  grep -q 'seed first$' found
  [ "$(cat "$VIRBY_DIR/base")" = "$PWD/new.img" ]
  [ "$keys" = "$(sha256sum "$VIRBY_DIR"/keys/ssh_*)" ]
  guest 'while [ "$(df --output=size -B1M /nix | tail -n 1)" -lt 4500 ]; do sleep 0.1; done'
  second=$(build second)
  built "$second" second
}

# settled: the system before is no longer kept.
settled() {
  [ ! -e "$VIRBY_DIR/disk.img.previous" ] && [ ! -e "$VIRBY_DIR/base.previous" ]
}

@test "virby upgrade and rollback; a login leaves the system before there, and a build lets it go" {
  export VIRBY_STORE_SIZE=3GiB VIRBY_CLOSE='' VIRBY_IMAGE
  rm "$VIRBY_DIR/disk.img"
  virby-prepare
  keys=$(sha256sum "$VIRBY_DIR"/keys/ssh_*)
  old=$VIRBY_IMAGE
  new_image
  VIRBY_IMAGE=$PWD/new.img VIRBY_TTL=4s
  run -1 virby status
  [[ $output == *"a new one is there: $VIRBY_IMAGE; 'virby upgrade' takes it, or the next start"* ]]
  virby upgrade
  serve
  stay
  guest '[ -e /etc/mark ]'
  run -75 virby rollback
  leave
  eventually 60 ended 1 0
  run ! settled
  figure "logins: $(grep -h ' close ' "$VIRBY_DIR/log/virbyd.log" | sed 's/.*active=[0-9]* //' | xargs)"

  # Nobody's start takes it again.
  virby rollback
  guest '! [ -e /etc/mark ]'
  eventually 60 ended 2 0
  [ "$(cat "$VIRBY_DIR/base")" = "$old" ]
  run ! settled
  virby rollback
  retire

  VIRBY_TTL=10m
  : >"$VIRBY_DIR/log/virbyd.log"
  serve
  path=$(build first)
  built "$path" first
  eventually "$PATIENCE" settled
  figure "a build: $(grep -h ' close ' "$VIRBY_DIR/log/virbyd.log" | sed 's/.*active=[0-9]* //' | xargs)"
  occurs "a build has gone through the system of '$PWD/new.img'" "$log"
  guest "[ -e /etc/mark ] && nix-store --check-validity $path"
  retire
  run -65 virby rollback
  [ "$keys" = "$(sha256sum "$VIRBY_DIR"/keys/ssh_*)" ]
}

@test "a store that was cut short is made again; a disk that is none is left alone" {
  export VIRBY_STORE_SIZE=1GiB
  rm "$VIRBY_DIR/disk.img"
  virby-prepare
  mke2fs -q -F -t ext4 -L virby-new "$VIRBY_DIR/store.img"
  VIRBY_TTL=4s
  serve
  path=$(build one)
  built "$path" one
  eventually 60 ended 1 0
  [ "$(blkid -o value -s LABEL "$VIRBY_DIR/store.img")" = virby-store ]

  mke2fs -q -F -t ext4 -L photographs "$VIRBY_DIR/store.img"
  before=$(sha256sum <"$VIRBY_DIR/store.img")
  path=$(build two)
  built "$path" two
  eventually 60 ended 2 0
  occurs 'the second disk is not a store, and is left alone' "$log"
  [ "$before" = "$(sha256sum <"$VIRBY_DIR/store.img")" ]
}

@test "a disk with a store of its own keeps the system that it has, and gets no second disk" {
  new_image
  VIRBY_STORE_SIZE=3GiB VIRBY_IMAGE=$PWD/new.img run -0 --separate-stderr virby-prepare
  [ "$stderr" = '' ]
  [ ! -e "$VIRBY_DIR/store.img" ]
  [ "$(cat "$VIRBY_DIR/base")" = "$VIRBY_IMAGE" ]
}

#!/usr/bin/env bats
# A disk that boots by itself: firmware, boot loader, kernel; and the firmware's variables, which belong to the disk.

load builder

setup_file() {
  build_guest
  unset VIRBY_KERNEL VIRBY_INITRD VIRBY_CMDLINE
}

# off N: the guest is powered off cleanly, for the Nth time.
off() {
  kill -TERM "$(cat virbyd.pid)"
  eventually 60 ended "$1" 0
  occurs 'stopped how=asked status=0' "$log"
  nothing_left
  clean_disk
}

@test "the firmware boots the disk, keeps its variables, and forgets them when the disk is made anew" {
  store=$VIRBY_DIR/disk.img.efi
  [ ! -e "$store" ]
  serve
  began=$(now)
  guest 'echo kept >file'
  figure "cold, by firmware: first login done $(since "$began") after connecting"
  [ "$(stat -c %a "$store")" = 600 ]
  off 1
  inode=$(stat -c %i "$store")

  [ "$(guest cat file)" = kept ]
  [ "$(stat -c %i "$store")" = "$inode" ]
  off 2

  virby-prepare --replace
  [ ! -e "$store" ]
  run -1 guest test -e file
  [ -s "$store" ]
  off 3
}

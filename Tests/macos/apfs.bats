#!/usr/bin/env bats
# Disks on a Mac's own file systems: clones, holes, volumes that have neither. Needs macOS; scripts/ci/mac-bats runs it.

load ../cli/helpers

setup() {
  [ "$(uname)" = Darwin ] || skip 'needs macOS'
  own_folder
  device=
}

teardown() {
  if [ -n "$device" ]; then hdiutil detach -quiet -force "$device"; fi
}

# volume TYPE: an empty volume of 2 GB at 'volume'.
volume() {
  hdiutil create -quiet -size 2g -type SPARSE -fs "$1" -volname virby-test volume.sparseimage
  mkdir volume
  device=$(hdiutil attach -nobrowse -mountpoint "$PWD/volume" volume.sparseimage | awk 'NR == 1 { print $1 }')
}

# base: an image of 512 MiB, 256 of them data, the rest a hole: 'base.img'.
base() {
  dd if=/dev/urandom of=base.img bs=1M count=256 status=none
  truncate -s 512M base.img
  sgdisk -o -n 1:2048:0 -c 1:root base.img >/dev/null
}

# used FILE: how many MiB it has on the disk.
used() {
  echo $(($(command stat -f %b "$1") / 2048))
}

# same BASE DISK: but for the partition table, which grows with the disk.
same() {
  cmp <(tail -c +1048577 "$1" | head -c 500M) <(tail -c +1048577 "$2" | head -c 500M)
}

# free_space: MiB.
free_space() {
  command df -m . | awk 'NR == 2 { print $4 }'
}

@test "on one volume the disk is a clone: it has the same bytes, and takes no space" {
  base
  sync
  before=$(free_space)
  run --separate-stderr -0 virby-image create -v -s 8GiB base.img disk.img
  [ -z "$output" ]
  # Others use the disk too.
  [ $((before - $(free_space))) -lt 200 ]
  same base.img disk.img
  [ "$(command stat -f %z disk.img)" = $((8 << 30)) ]
}

@test "a change of a clone is not one of its base" {
  base
  sum=$(shasum -a 256 <base.img)
  virby-image create base.img disk.img
  echo change | dd of=disk.img bs=1 conv=notrunc status=none
  [ "$(shasum -a 256 <base.img)" = "$sum" ]
  run -1 cmp -s base.img disk.img
}

@test "to another volume it is copied, and holes stay holes" {
  base
  volume APFS
  run --separate-stderr -0 virby-image create -s 1GiB base.img volume/disk.img
  [ -z "$output$stderr" ]
  same base.img volume/disk.img
  [ "$(used volume/disk.img)" -le 264 ]
}

@test "exFAT has neither clones nor holes nor link(2): a whole copy, or nothing under that name" {
  base
  volume ExFAT
  run --separate-stderr -0 virby-image create base.img volume/disk.img
  cmp base.img volume/disk.img
  run --separate-stderr -71 virby-image create base.img volume/disk.img
  [ "${stderr_lines[0]}" = "virby-image: cannot create 'volume/disk.img': File exists" ]
  [ "$(find volume -type f ! -name '._*' ! -path '*/.*/*')" = volume/disk.img ]
}

@test "trim gives blocks of zeros back" {
  base
  dd if=/dev/zero of=base.img bs=1M count=128 seek=64 conv=notrunc status=none
  sync
  before=$(used base.img)
  run --separate-stderr -0 virby-image trim base.img
  [ "$output" -ge $((120 << 20)) ]
  [ "$(used base.img)" -le $((before - 120)) ]
}

@test "who has a disk in use is known, and it is not to be had meanwhile" {
  base
  flock base.img.lock sleep 60 3>&- &
  holder=$!
  eventually 10 locked base.img.lock
  run --separate-stderr -75 virby-image trim base.img
  kill "$holder"
}

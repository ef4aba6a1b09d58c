#!/usr/bin/env bats
# virby-image against the tools that others use: sfdisk, sgdisk, cmp, flock, losetup.

load helpers

ESP=C12A7328-F81F-11D2-BA4B-00A0C93EC93B
ROOT=0FC63DAF-8483-4772-8E79-3D69D8477DE4

setup_file() {
  # 64 MiB: a file system for EFI, a root with 3 MiB of data in two places, and holes.
  cd "$BATS_FILE_TMPDIR" || return
  truncate -s 64M base.img
  sfdisk --quiet base.img <<<"label: gpt
size=20M, type=$ESP, name=esp
type=$ROOT, name=root"
  dd if=/dev/urandom of=base.img bs=1M seek=25 count=2 conv=notrunc status=none
  dd if=/dev/urandom of=base.img bs=1M seek=40 count=1 conv=notrunc status=none
}

setup() {
  own_folder
  # `run` leaves files of its own in the folder above.
  mkdir disks
  cd disks || return
  BASE=$BATS_FILE_TMPDIR/base.img
  ln -s "$BASE" base.img
}

teardown() {
  if [ -n "${MOUNTED:-}" ]; then umount "$MOUNTED"; fi
  if [ -n "${LOOP:-}" ]; then losetup -d "$LOOP"; fi
}

# sound DISK: sgdisk and sfdisk find nothing wrong.
sound() {
  sgdisk -v "$1" >sgdisk.out 2>&1 && grep -q '^No problems found' sgdisk.out &&
    sfdisk --verify "$1" >sfdisk.out 2>&1 && grep -q '^No errors detected' sfdisk.out && return
  cat sgdisk.out sfdisk.out >&2
  return 1
}

# silent: the run said nothing at all.
silent() {
  [ -z "$output" ] && [ -z "$stderr" ]
}

# complains LINE...: nothing on stdout, and these lines on stderr.
complains() {
  [ -z "$output" ] || return
  diff <(printf 'virby-image: %s\n' "$@") <(echo "$stderr") >&2
}

# same_data ONE TWO FROM TO: the bytes from one MiB to another are equal.
same_data() {
  cmp --ignore-initial=$(($3 << 20)) --bytes=$((($4 - $3) << 20)) "$1" "$2"
}

# partitions DISK: its partition table as others read it.
partitions() {
  sfdisk -d "$1" 2>/dev/null | sed -n "s|^$1[^ ]*||p"
}

# one_of OLD NEW DISK: the disk has the partition table of one of the two.
one_of() {
  local found
  found=$(partitions "$3")
  [ -n "$found" ] || return
  [ "$found" = "$(partitions "$1")" ] || [ "$found" = "$(partitions "$2")" ]
}

# needs_strace: to stop a command at one system call, strace must be there and allowed.
needs_strace() {
  strace -o /dev/null true 2>/dev/null || skip "cannot trace system calls"
}

# killed_at CALL NUMBER COMMAND...: kills the command as it enters that call for that time.
killed_at() {
  local call=$1 number=$2
  shift 2
  strace -f -qq -o /dev/null -e "inject=$call:signal=KILL:when=$number" -- "$@"
}

# allocated FILE: its KiB on the file system.
allocated() {
  du -k "$1" | cut -f 1
}

@test "no subcommand is a usage error" {
  run --separate-stderr -64 virby-image
  complains "missing subcommand" "hint: see 'virby-image --help'"
}

@test "create: a sound disk of that size, its partitions as they were, private and sparse" {
  run --separate-stderr -0 virby-image create -s 1GiB base.img disk.img
  silent
  [ "$(stat -c '%s %a' disk.img)" = "1073741824 600" ]
  sound disk.img
  same_data base.img disk.img 1 63
  [ "$(allocated disk.img)" -le $(($(allocated "$BASE") * 105 / 100 + 64)) ]
  [ ! -e .disk.img.new ]
}

@test "create: without -s the disk is the base, byte for byte" {
  run --separate-stderr -0 virby-image create base.img disk.img
  silent
  cmp base.img disk.img
}

@test "create: a fully allocated base becomes sparse" {
  cp --sparse=never "$BASE" dense.img
  run --separate-stderr -0 virby-image create dense.img disk.img
  silent
  cmp dense.img disk.img
  [ "$(allocated disk.img)" -lt 4096 ]
}

@test "create: a base that is read-only makes a disk that is not" {
  cp "$BASE" stored.img
  chmod 444 stored.img
  (umask 377 && virby-image create stored.img disk.img)
  [ "$(stat -c %a disk.img)" = 600 ]
}

@test "create: from a pipe" {
  xz -c "$BASE" >base.img.xz
  xz -dc base.img.xz | virby-image create -s 128MiB - disk.img
  sound disk.img
  same_data base.img disk.img 1 63
  [ "$(allocated disk.img)" -lt 4096 ]
  run --separate-stderr -0 virby-image create -s 128MiB <(xz -dc base.img.xz) second.img
  silent
  cmp disk.img second.img
}

@test "create: a stream that ends early is refused by its partition table" {
  run --separate-stderr -65 virby-image create -s 1GiB - disk.img < <(head -c 30M "$BASE")
  complains "'stdin' is cut short: its partition table is that of a larger disk" \
    "hint: copy or download it again"
  [ "$(ls -A)" = "$(printf '%s\n' base.img disk.img.lock)" ]
}

@test "create: an empty stream" {
  run --separate-stderr -65 virby-image create -s 1GiB - disk.img </dev/null
  complains "'stdin' is empty"
  [ "$(ls -A)" = "$(printf '%s\n' base.img disk.img.lock)" ]
}

@test "create: a stream larger than the disk" {
  run --separate-stderr -64 virby-image create -s 32MiB - disk.img < <(cat "$BASE")
  complains "cannot shrink 'stdin' to 32MiB: it is larger than that" \
    "hint: give a larger size, or none"
  [ "$(ls -A)" = "$(printf '%s\n' base.img disk.img.lock)" ]
}

@test "create: a base larger than the disk" {
  run --separate-stderr -64 virby-image create -s 32MiB base.img disk.img
  complains "cannot shrink 'base.img' from 64MiB to 32MiB" "hint: give a size of 64MiB or more"
  [ "$(ls -A)" = base.img ]
}

@test "create: a disk that exists is left alone" {
  echo precious >disk.img
  run --separate-stderr -71 virby-image create base.img disk.img
  complains "cannot create 'disk.img': File exists" \
    "hint: '--replace' deletes the old disk"
  [ "$(cat disk.img)" = precious ]
}

@test "create: a symbolic link that leads nowhere exists too" {
  ln -s nowhere disk.img
  run --separate-stderr -71 virby-image create base.img disk.img
  complains "cannot create 'disk.img': File exists" \
    "hint: '--replace' deletes the old disk"
  run --separate-stderr -71 virby-image create --replace base.img disk.img
  complains "cannot replace 'disk.img': Not a regular file"
  [ -L disk.img ]
}

@test "create --replace: the new disk takes the old one's place" {
  echo old >disk.img
  run --separate-stderr -0 virby-image create --replace -s 128MiB base.img disk.img
  silent
  sound disk.img
  run --separate-stderr -0 virby-image create --replace -s 128MiB base.img other.img
  silent
  cmp disk.img other.img
}

@test "create: the firmware's variables and the mark of an old disk of that name go with it" {
  echo variables >disk.img.efi
  echo reason >disk.img.unclean
  # They belong to a disk that is still there.
  cp "$BASE" disk.img
  run -71 virby-image create base.img disk.img
  run -64 virby-image create --replace -s 1MiB base.img disk.img
  [ -e disk.img.efi ] && [ -e disk.img.unclean ]
  run --separate-stderr -0 virby-image create --replace base.img disk.img
  [ ! -e disk.img.efi ] && [ ! -e disk.img.unclean ]

  rm disk.img
  echo variables >disk.img.efi
  run --separate-stderr -0 virby-image create base.img disk.img
  [ ! -e disk.img.efi ]

  mkdir disk.img.efi
  run --separate-stderr -71 virby-image create --replace base.img disk.img
  complains "cannot remove 'disk.img.efi': Is a directory"
  cmp "$BASE" disk.img
}

@test "create --replace: a failure leaves the old disk" {
  echo old >disk.img
  run --separate-stderr -64 virby-image create --replace -s 1MiB base.img disk.img
  [ "$(cat disk.img)" = old ]
  [ "$(ls -A)" = "$(printf '%s\n' base.img disk.img)" ]
}

@test "create --replace: a disk cannot be made from itself" {
  cp "$BASE" disk.img
  ln disk.img same.img
  run --separate-stderr -64 virby-image create --replace disk.img same.img
  complains "'disk.img' and 'same.img' are the same file" "hint: see 'virby-image create --help'"
  cmp base.img disk.img
}

@test "create: what is missing is named" {
  run --separate-stderr -71 virby-image create nothing.img disk.img
  complains "cannot open 'nothing.img': No such file or directory"
  run --separate-stderr -71 virby-image create base.img nowhere/disk.img
  complains "cannot create 'nowhere/disk.img': No such file or directory"
  run --separate-stderr -71 virby-image create . disk.img
  complains "cannot read '.': Is a directory"
  [ "$(ls -A)" = "$(printf '%s\n' base.img disk.img.lock)" ]
}

@test "create: images of other formats are refused with their remedy" {
  gzip -c "$BASE" >gz.img
  xz -c "$BASE" >xz.img
  zstd -qc "$BASE" >zst.img
  for tool in gzip:gz xz:xz zstd:zst; do
    name=${tool%:*} file=${tool#*:}.img
    run --separate-stderr -65 virby-image create -s 1GiB "$file" disk.img
    complains "'$file' is compressed with $name, not a raw disk" \
      "hint: $name -dc $file | virby-image create - disk.img"
    run --separate-stderr -65 virby-image create -s 1GiB - disk.img <"$file"
    complains "'stdin' is compressed with $name, not a raw disk" \
      "hint: $name -dc FILE | virby-image create - disk.img"
  done
  [ ! -e disk.img ]
}

@test "create: images of qemu-img's formats are refused" {
  command -v qemu-img >/dev/null || skip 'needs qemu-img'
  for format in "qcow2:a qcow2 image" "vmdk:a VMDK image" "vhdx:a VHDX image" "vpc:a VHD image"; do
    qemu-img convert -O "${format%%:*}" "$BASE" other.img
    run --separate-stderr -65 virby-image create other.img disk.img
    complains "'other.img' is ${format#*:}, not a raw disk" \
      "hint: qemu-img convert -O raw other.img disk.img"
  done
  [ ! -e disk.img ]
}

@test "create: a size that is not a multiple of 512" {
  head -c 1000 "$BASE" >odd.img
  run --separate-stderr -65 virby-image create odd.img disk.img
  complains "'odd.img' is not a raw disk: its size, 1000 bytes, is not a multiple of 512" \
    "hint: if it was copied or downloaded, do so again: it may be cut short"
  run --separate-stderr -64 virby-image create -s 64000001B base.img disk.img
  complains "size '64000001B' is not a multiple of 512 bytes" "hint: see 'virby-image create --help'"
}

@test "create: a bare file system is copied but not grown" {
  truncate -s 8M root.img
  mke2fs -q -t ext4 root.img
  run --separate-stderr -0 virby-image create root.img disk.img
  silent
  cmp root.img disk.img
  # It is refused before anything is copied, or -v would tell of it.
  run --separate-stderr -65 virby-image create -v -s 16MiB root.img grown.img
  complains "cannot grow 'root.img': it has no GPT" \
    "hint: a bare file system needs only 'truncate -s 16777216 DISK'"
  [ ! -e grown.img ] && [ ! -e .grown.img.new ]
}

@test "grow: where there is nothing to do the disk may be in use, and nothing is made beside it" {
  virby-image create -s 1GiB "$BASE" disk.img
  rm disk.img.lock
  run --separate-stderr -0 virby-image grow -s 1GiB disk.img
  silent
  [ ! -e disk.img.lock ]
  cp disk.img before.img
  exec 7>disk.img.lock
  flock 7
  run --separate-stderr -0 virby-image grow -s 1GiB disk.img
  silent
  run --separate-stderr -64 virby-image grow -s 512MiB disk.img
  complains "cannot shrink 'disk.img' from 1GiB to 512MiB" 'hint: give a size of 1GiB or more'
  run --separate-stderr -75 virby-image grow -s 2GiB disk.img
  cmp before.img disk.img
  # A copy that is broken is to be mended, a record that does not cover the disk too.
  for place in 512 $(((1 << 30) - 512)) 459; do
    cp before.img disk.img
    printf x | dd of=disk.img bs=1 seek="$place" conv=notrunc status=none
    run --separate-stderr -75 virby-image grow -s 1GiB disk.img
  done
}

@test "create: a base in use, a disk in use, a disk in the making: try again" {
  cp "$BASE" used.img
  exec 7>used.img.lock
  flock 7
  for command in "create used.img disk.img" "create --replace base.img used.img" \
    "grow -s 1GiB used.img" "grow --wait-lock 200ms -s 1GiB used.img" "trim used.img"; do
    # shellcheck disable=SC2086 # words
    run --separate-stderr -75 virby-image $command
    complains "'used.img' is in use by another process" "hint: find it with: lsof used.img.lock"
  done
  cmp base.img used.img
  run --separate-stderr -0 virby-image inspect used.img
  exec 7>&-

  mkfifo feed
  virby-image create - disk.img <feed &
  local maker=$!
  exec 8>feed
  eventually 10 occurs "$maker" disk.img.lock
  run --separate-stderr -75 virby-image create base.img disk.img
  complains "'disk.img' is being created by another process"
  cat "$BASE" >&8
  exec 8>&-
  wait "$maker"
  cmp base.img disk.img
}

@test "a disk in use: the process that has locked it is named" {
  cp "$BASE" disk.img
  flock disk.img.lock sleep 60 3>&- &
  local holder=$! heir command
  eventually 10 locked disk.img.lock
  echo "$holder" >disk.img.lock
  for command in "grow -s 1GiB" trim "create --replace base.img"; do
    # shellcheck disable=SC2086 # words
    run --separate-stderr -75 virby-image $command disk.img
    complains "'disk.img' is in use by process $holder" "hint: power its guest off with: kill $holder"
  done
  run --separate-stderr -75 virby-image create disk.img other.img
  complains "'disk.img' is in use by process $holder" "hint: power its guest off with: kill $holder"
  cmp base.img disk.img
  # The lock lives on in the child, whose number stands nowhere.
  heir=$(pgrep -P "$holder")
  kill -9 "$holder"
  wait "$holder" || true
  run --separate-stderr -75 virby-image trim disk.img
  complains "'disk.img' is in use by another process" "hint: find it with: lsof disk.img.lock"
  kill "$heir"
  eventually 10 virby-image trim disk.img
  run ! kill -0 "$(cat disk.img.lock)"
}

@test "a disk, or a base, that a program has locked which is not Virby's: try again" {
  cp "$BASE" disk.img
  exec 7<disk.img
  flock 7
  for command in "grow -s 1GiB" "grow --wait-lock 200ms -s 1GiB" trim "create --replace base.img"; do
    # shellcheck disable=SC2086 # words
    run --separate-stderr -75 virby-image $command disk.img
    complains "'disk.img' is locked by another program, perhaps a VM that outlived its driver" \
      "hint: find it with: lsof disk.img"
  done
  run --separate-stderr -75 virby-image create disk.img other.img
  complains "'disk.img' is in use by another process" "hint: find it with: lsof disk.img"
  run --separate-stderr -0 virby-image inspect disk.img
  cmp base.img disk.img
}

@test "inspect, and create from a base, leave no lock behind: they work in a folder that cannot be written" {
  run --separate-stderr -0 virby-image inspect base.img
  run --separate-stderr -0 virby-image create base.img disk.img
  [ -z "$(find . "$BATS_FILE_TMPDIR" -name base.img.lock)" ]
  if [ "$(id -u)" != 0 ]; then skip "needs root for a folder that cannot be written"; fi
  mkdir fixed
  cp --sparse=always "$BASE" fixed/disk.img
  mount --bind fixed fixed
  MOUNTED=$PWD/fixed
  mount -o remount,bind,ro fixed
  run --separate-stderr -0 virby-image inspect fixed/disk.img
  run --separate-stderr -0 virby-image create fixed/disk.img second.img
  run --separate-stderr -71 virby-image trim fixed/disk.img
  complains "cannot lock 'fixed/disk.img' with '$PWD/fixed/disk.img.lock': Read-only file system" \
    "hint: the lock is a file beside the disk, so the folder must be writable"
}

@test "the lock of a disk that has another name by a hard link: the disk itself is locked too" {
  cp "$BASE" disk.img
  ln disk.img hard.img
  mkfifo feed
  virby-image create --replace - disk.img <feed 3>&- &
  local maker=$!
  exec 8>feed
  eventually 10 locked disk.img
  run --separate-stderr -75 virby-image trim hard.img
  complains "'hard.img' is locked by another program, perhaps a VM that outlived its driver" \
    "hint: find it with: lsof hard.img"
  cat "$BASE" >&8
  exec 8>&-
  wait "$maker"
}

@test "create: on a file system without links, such as FAT's" {
  fat() {
    truncate -s 128M fat
    "$@" fat >said 2>&1
    mkdir -p mounted
    mount -o loop fat mounted 2>said || return 1
    MOUNTED=$PWD/mounted
  }
  command -v mkfs.vfat >/dev/null || skip "needs mkfs.vfat"
  fat mkfs.vfat || skip "cannot mount a FAT file system: $(cat said)"
  run --separate-stderr -0 virby-image create base.img mounted/disk.img
  silent
  cmp base.img mounted/disk.img
  [ "$(ls -A mounted)" = "$(printf '%s\n' disk.img disk.img.lock)" ]
  run --separate-stderr -71 virby-image create base.img mounted/disk.img
  complains "cannot create 'mounted/disk.img': File exists" "hint: '--replace' deletes the old disk"
}

@test "create: a file system that could not take the disk in the end is refused before anything is copied" {
  command -v strace >/dev/null || skip "needs strace"
  run --separate-stderr -71 strace -qq -o ../trace -e trace=link,linkat,renameat2,ftruncate,ioctl,copy_file_range,pwrite64 \
    -e inject=link,linkat:error=EPERM -e inject=renameat2:error=EINVAL virby-image create base.img disk.img
  complains "cannot create 'disk.img': Invalid argument" \
    "hint: its file system has neither hard links nor a rename that never replaces; use another"
  run ! grep -E 'ftruncate|FICLONE|copy_file_range|pwrite64' ../trace
  [ "$(ls -A)" = base.img ]
  # The rename alone will do, and to replace a file takes neither.
  run --separate-stderr -0 strace -qq -o ../trace -e inject=link,linkat:error=EPERM virby-image create base.img disk.img
  cmp base.img disk.img
  run --separate-stderr -71 strace -qq -o ../trace -e inject=link,linkat:error=EPERM virby-image create base.img disk.img
  run --separate-stderr -0 strace -qq -o ../trace -e inject=link,linkat:error=EPERM -e inject=renameat2:error=EINVAL \
    virby-image create --replace base.img disk.img
  cmp base.img disk.img
}

@test "create: two at once share a base" {
  exec 7<"$BASE"
  flock --shared 7
  run --separate-stderr -0 virby-image create base.img disk.img
  silent
  exec 7<&-
}

# room KIB: a tmpfs of that size as the folder `small`, empty; skips the test where there can be none.
room() {
  if [ -n "${MOUNTED:-}" ]; then umount "$MOUNTED"; fi
  mkdir -p small
  MOUNTED=
  mount -t tmpfs -o "size=${1}k" none small 2>/dev/null || skip "cannot mount a tmpfs"
  MOUNTED=$PWD/small
}

@test "create: a file system that is full at any moment is left as it was" {
  truncate -s 8M tiny.img
  sfdisk --quiet tiny.img <<<"label: gpt
type=$ROOT"
  dd if=/dev/urandom of=tiny.img bs=4k seek=600 count=20 conv=notrunc status=none
  virby-image create -s 16MiB tiny.img expected.img
  local size full=0 old
  # All of the new disk takes 128 KiB and the inode.
  for size in {4..160..4}; do
    room "$size"
    old=
    if ((size % 8)); then
      echo old >small/disk.img
      old=small/disk.img
    fi
    run --separate-stderr virby-image create --replace -s 16MiB tiny.img small/disk.img
    if [ "$status" = 0 ]; then
      silent
      cmp expected.img small/disk.img
      continue
    fi
    [ "$status" = 71 ]
    full=$((full + 1))
    [[ $stderr == "virby-image: cannot "*"small/"*": No space left on device" ]]
    [ "$(find small -type f ! -name disk.img.lock)" = "$old" ]
    if [ -n "$old" ]; then [ "$(cat "$old")" = old ]; fi
  done
  echo "# create: $full file systems full" >&3
  [ "$full" -ge 20 ] && [ "$status" = 0 ]
}

@test "grow: a file system that is full at any moment keeps the old disk, byte for byte" {
  truncate -s 8M tiny.img
  sfdisk --quiet tiny.img <<<"label: gpt
type=$ROOT"
  dd if=/dev/urandom of=tiny.img bs=4k seek=600 count=20 conv=notrunc status=none
  cp tiny.img expected.img
  virby-image grow -s 16MiB --grow-partition expected.img
  local size full=0 way
  for way in sound wiped; do
    if [ $way = wiped ]; then
      dd if=/dev/zero of=tiny.img bs=512 seek=1 count=33 conv=notrunc status=none
    fi
    room 1024
    cp --sparse=always tiny.img small/disk.img
    size=$(allocated small/disk.img)
    for ((size += 0; size < 1024; size += 4)); do
      room "$size"
      cp --sparse=always tiny.img small/disk.img
      run --separate-stderr virby-image grow -s 16MiB --grow-partition small/disk.img
      if [ "$status" = 0 ]; then break; fi
      [ "$status" = 71 ]
      full=$((full + 1))
      [ "$stderr" = "virby-image: cannot write 'small/disk.img': No space left on device" ]
      if [ $way = sound ]; then
        cmp tiny.img small/disk.img
      else
        # The primary may have been mended already; then all that follows is the same.
        [ "$(stat -c %s small/disk.img)" = 8388608 ]
        [ "$(partitions small/disk.img | tr -d '\n')" = "$(partitions tiny.img | tr -d '\n')" ]
      fi
    done
    cmp expected.img small/disk.img
  done
  echo "# grow: $full file systems full" >&3
  [ "$full" -ge 4 ]
}

@test "trim: a file system without a free block" {
  # Every other block is zero, so each hole divides an extent, for which ext4 needs blocks of its own.
  truncate -s 4M striped.img
  sfdisk --quiet striped.img <<<"label: gpt
type=$ROOT"
  perl -e 'for $i (300 .. 900) { seek STDOUT, $i * 8192, 0; syswrite STDOUT, chr(1 + $i % 255) x 4096 }' \
    1<>striped.img
  cp striped.img before.img
  truncate -s 16M ext4.fs
  mke2fs -q -t ext4 -m 0 -b 4096 ext4.fs
  mkdir full
  mount -o loop ext4.fs full 2>/dev/null || skip "cannot mount a loop device"
  MOUNTED=$PWD/full
  cp --sparse=never striped.img full/disk.img
  cat /dev/zero >full/rest 2>/dev/null || true
  # The last blocks one by one.
  while dd if=/dev/zero of=full/rest bs=4k count=1 oflag=append conv=notrunc,fsync; do :; done 2>/dev/null
  run --separate-stderr virby-image trim full/disk.img
  [ "$status" = 0 ] || [ "$status" = 71 ]
  cmp before.img full/disk.img
  rm full/rest
  run --separate-stderr -0 virby-image trim full/disk.img
  [ -z "$stderr" ]
  cmp before.img full/disk.img
  [ "$(allocated full/disk.img)" -lt 2700 ]
}

# took COMMAND...: sets `took` to the milliseconds that it takes, and some more.
took() {
  local began
  began=$(date +%s%N)
  "$@" >/dev/null
  took=$((($(date +%s%N) - began) * 11 / 10000000 + 1))
}

# killed_within MS COMMAND...: kills it at a random microsecond of that time, and counts in `killed` and
# `survived` how it ended; if most have survived, `took` becomes less. When this returns it is gone, and its locks with it.
killed_within() {
  local status=0 moment
  moment=$(printf '%d.%06d' $(($1 / 1000)) $(((RANDOM << 15 | RANDOM) % ($1 * 1000) % 1000000)))
  shift
  perl -e 'my $moment = shift; my $pid = fork; if (!$pid) { exec @ARGV or die }
    select undef, undef, undef, $moment; kill KILL => $pid; waitpid $pid, 0;
    exit($? & 127 ? 137 : $? >> 8)' "$moment" "$@" >/dev/null || status=$?
  case $status in
    137) killed=$((killed + 1)) ;;
    0)
      survived=$((survived + 1))
      # It took longer when it was measured than it does now.
      if ((survived > killed)); then took=$((took > 1 ? took * 9 / 10 : 1)); fi
      ;;
    *) return 1 ;;
  esac
}

# Each of three tests goes so many rounds, but no longer than 20 seconds.
rounds=${VIRBY_KILLS:-120} killed=0 survived=0

# dense_base: 12 MiB with 6 MiB of data, between which lie holes.
dense_base() {
  truncate -s 12M small.img
  sfdisk --quiet small.img <<<"label: gpt
size=1M, type=$ESP, name=esp
type=$ROOT, name=root"
  for place in 3 5 6 8 9 10; do
    dd if=/dev/urandom of=small.img bs=1M seek=$place count=1 conv=notrunc status=none
  done
}

# enough WHAT: tells how many were killed; most must have been.
enough() {
  echo "# $1: $killed killed, $survived survived, 0 failures" >&3
  [ "$killed" -ge $(((killed + survived) / 2)) ] && [ "$killed" -ge 10 ]
}

@test "create: killed at a random moment, the disk is the old or the new one, and the next run heals" {
  dense_base
  virby-image create -s 64MiB small.img expected.img
  took virby-image create --replace -s 64MiB small.img disk.img
  cp --sparse=always "$BASE" old.img
  local until=$((SECONDS + 20)) round replace
  for ((round = 0; round < rounds && SECONDS < until; round++)); do
    rm -f disk.img
    replace=
    if ((round % 2)); then
      replace=--replace
      cp old.img disk.img
    fi
    killed_within "$took" virby-image create $replace -s 64MiB small.img disk.img
    if [ -e disk.img ]; then
      cmp -s expected.img disk.img || { [ -n "$replace" ] && cmp old.img disk.img; }
    else
      [ -z "$replace" ]
    fi
    if ((round % 4 == 3)); then
      virby-image create --replace -s 64MiB small.img disk.img
      cmp expected.img disk.img
      [ ! -e .disk.img.new ]
    fi
  done
  enough create
}

@test "grow: killed at a random moment, the table is the old or the new one, and the next run heals" {
  dense_base
  cp small.img expected.img
  virby-image grow -s 64MiB --grow-partition expected.img
  cp small.img disk.img
  took virby-image grow -s 64MiB --grow-partition disk.img
  local until=$((SECONDS + 20)) round
  for ((round = 0; round < rounds && SECONDS < until; round++)); do
    cp small.img disk.img
    killed_within "$took" virby-image grow -s 64MiB --grow-partition disk.img
    one_of small.img expected.img disk.img
    same_data small.img disk.img 1 11
    virby-image grow -s 64MiB --grow-partition disk.img
    cmp expected.img disk.img
  done
  enough grow
}

@test "trim: killed at a random moment, not a byte has changed, and the next run trims the rest" {
  dense_base
  virby-image create small.img trimmed.img
  cp --sparse=never small.img dense.img
  cp --sparse=never small.img disk.img
  took virby-image trim disk.img
  local until=$((SECONDS + 20)) round
  for ((round = 0; round < rounds && SECONDS < until; round++)); do
    cp --sparse=never dense.img disk.img
    killed_within "$took" virby-image trim disk.img
    cmp small.img disk.img
    virby-image trim disk.img >given
    cmp small.img disk.img
    [ "$(allocated disk.img)" -le "$(allocated trimmed.img)" ]
  done
  enough trim
}

@test "create: killed at any system call that writes, it leaves no half disk" {
  needs_strace
  virby-image create -s 128MiB base.img expected.img
  echo old >old.img
  for replace in "" --replace; do
    for call in pwrite64 ftruncate fchmod fsync link rename unlink; do
      for number in {1..20}; do
        rm -f disk.img
        if [ -n "$replace" ]; then cp old.img disk.img; fi
        if killed_at "$call" "$number" virby-image create $replace -s 128MiB base.img disk.img; then
          break
        fi 2>/dev/null
        if [ ! -e disk.img ]; then
          [ -z "$replace" ]
        elif ! cmp -s expected.img disk.img; then
          [ -n "$replace" ] && cmp old.img disk.img
        fi
        run --separate-stderr -0 virby-image create --replace -s 128MiB base.img disk.img
        silent
        cmp expected.img disk.img
        [ ! -e .disk.img.new ]
      done
      [ "$number" -lt 20 ]
      [ "$number" -gt 1 ] || [[ $call = @(link|rename|unlink) ]]
    done
  done
}

@test "create: clones where the file system can" {
  for type in xfs btrfs; do
    command -v "mkfs.$type" >/dev/null || skip "no mkfs.$type"
    truncate -s 512M "$type.fs"
    "mkfs.$type" -q "$type.fs"
    mkdir "$type"
    mount -o loop "$type.fs" "$type" 2>/dev/null || skip "cannot mount a loop device as $type"
    MOUNTED=$PWD/$type
    cp --sparse=always "$BASE" "$type/base.img"
    chmod 444 "$type/base.img"
    run --separate-stderr -0 virby-image create -v -s 1GiB "$type/base.img" "$type/disk.img"
    [ -z "$output" ]
    [ "${stderr_lines[0]}" = "virby-image: cloned '$type/base.img'" ]
    sound "$type/disk.img"
    same_data base.img "$type/disk.img" 1 63
    sync "$type/disk.img"
    filefrag -v "$type/disk.img" | grep -q shared
    [ "$(stat -c %a "$type/disk.img")" = 600 ]
    # From another file system it is a copy.
    run --separate-stderr -0 virby-image create -v base.img "$type/copy.img"
    [[ ${stderr_lines[0]} == "virby-image: copied 'base.img': "* ]]
    umount "$MOUNTED"
    MOUNTED=
  done
}

@test "grow: the backup moves, the data stays, and growing twice is growing once" {
  cp "$BASE" disk.img
  chmod 640 disk.img
  run --separate-stderr -0 virby-image grow -s 1GiB disk.img
  silent
  sound disk.img
  same_data base.img disk.img 1 63
  [ "$(stat -c '%s %a' disk.img)" = "1073741824 640" ]
  [ "$(sfdisk -d disk.img | grep last-lba)" = "last-lba: 2097118" ]
  [ "$(sfdisk -d disk.img | grep start=)" = "$(sfdisk -d base.img | grep start= | sed s/base/disk/)" ]
  [ "$(allocated disk.img)" -lt 4096 ]
  cp --sparse=always disk.img once.img
  touch -d @1 disk.img
  run --separate-stderr -0 virby-image grow -s 1GiB disk.img
  silent
  cmp once.img disk.img
  [ "$(stat -c %Y disk.img)" = 1 ]
}

@test "grow --grow-partition: the last partition ends where it may" {
  cp "$BASE" disk.img
  run --separate-stderr -0 virby-image grow -s 1GiB --grow-partition disk.img
  silent
  sound disk.img
  [ "$(sgdisk -i 2 disk.img | grep 'Last sector')" = "Last sector: 2097118 (at 1024.0 MiB)" ]
  [ "$(sgdisk -i 1 disk.img)" = "$(sgdisk -i 1 base.img)" ]
}

@test "grow: killed at any system call that writes, the table is readable and the next run heals" {
  needs_strace
  local size call number old
  # The backup of a disk that grows by so little lies over the old one.
  for size in 128MiB 65540KiB; do
    cp "$BASE" expected.img
    virby-image grow -s $size --grow-partition expected.img
    cp "$BASE" wiped.img
    dd if=/dev/zero of=wiped.img bs=512 seek=1 count=33 conv=notrunc status=none
    for old in base.img wiped.img; do
      for call in ftruncate pwrite64 fsync; do
        for number in {1..14}; do
          cp "$old" disk.img
          if killed_at "$call" "$number" virby-image grow -s $size --grow-partition disk.img; then
            break
          fi 2>/dev/null
          one_of base.img expected.img disk.img
          run --separate-stderr -0 virby-image grow -s $size --grow-partition disk.img
          silent
          cmp expected.img disk.img
        done
        [ "$number" -gt 1 ] && [ "$number" -lt 14 ]
      done
    done
  done
}

@test "grow: the backup is on the disk before the primary is touched" {
  needs_strace
  cp "$BASE" disk.img
  strace -P "$PWD/disk.img" -o calls -e trace=ftruncate,pwrite64,fsync \
    virby-image grow -s 128MiB --grow-partition disk.img
  diff - <(sed -n 's/^\([a-z0-9]*\)(\(.* \)*\([0-9]*\)) *= .*/\1 \3/p' calls) <<EXPECTED
ftruncate 134217728
pwrite64 $((262111 * 512))
pwrite64 $((262143 * 512))
fsync $(sed -n 's/^fsync(\([0-9]*\)).*/\1/p' calls | head -1)
pwrite64 1024
pwrite64 512
pwrite64 0
fsync $(sed -n 's/^fsync(\([0-9]*\)).*/\1/p' calls | head -1)
EXPECTED
}

@test "grow: the disk is that of sfdisk, byte for byte" {
  cp "$BASE" ours.img
  cp "$BASE" theirs.img
  virby-image grow -s 256MiB ours.img
  truncate -s 256M theirs.img
  sfdisk --quiet --relocate gpt-bak-std theirs.img 2>/dev/null
  cmp ours.img theirs.img
  virby-image grow -s 512MiB --grow-partition ours.img
  truncate -s 512M theirs.img
  sfdisk --quiet -N 2 theirs.img <<<", +" 2>/dev/null
  cmp ours.img theirs.img
}

@test "grow: tables of other shapes" {
  for count in 4 56 200 1024; do
    rm -f disk.img
    truncate -s 64M disk.img
    sgdisk -S "$count" -n 1:1M:+20M -n 2:0:+10M disk.img >/dev/null
    run --separate-stderr -0 virby-image grow -s 128MiB --grow-partition disk.img
    silent
    # sgdisk finds fault with any table of fewer than 128 entries before and after.
    sfdisk --verify disk.img | grep -q '^No errors detected'
    [ "$count" -lt 128 ] || sound disk.img
    [ "$(sfdisk -d disk.img | grep -c start=)" = 2 ]
  done
}

@test "grow: sectors of 4096 bytes" {
  truncate -s 64M disk.img
  LOOP=$(losetup --show -f --sector-size 4096 disk.img 2>/dev/null) ||
    skip "cannot set up a loop device with sectors of 4096 bytes"
  sgdisk -n 1:0:+20M -n 2:0:+10M "$LOOP" >/dev/null
  losetup -d "$LOOP"
  LOOP=
  cp disk.img before.img
  run --separate-stderr -0 virby-image grow -s 64MiB disk.img
  cmp before.img disk.img
  run --separate-stderr -0 virby-image grow -s 128MiB --grow-partition disk.img
  silent
  run --separate-stderr -64 virby-image grow -s 262145KiB disk.img
  complains "cannot grow 'disk.img' to 262145KiB: its sectors are 4096 bytes"
  LOOP=$(losetup --show -f --sector-size 4096 disk.img)
  sound "$LOOP"
  sgdisk -i 2 "$LOOP" | grep -q 'Last sector: 32762 '
}

@test "grow: a broken primary or backup is repaired" {
  for sector in 1 2 131071 131040; do
    cp "$BASE" disk.img
    dd if=/dev/urandom of=disk.img bs=512 seek="$sector" count=1 conv=notrunc status=none
    run --separate-stderr -0 virby-image grow -s 64MiB disk.img
    silent
    cmp base.img disk.img
  done
}

@test "grow: both copies broken, nothing is changed" {
  cp "$BASE" disk.img
  for sector in 1 131071; do
    dd if=/dev/zero of=disk.img bs=512 seek="$sector" count=1 conv=notrunc status=none
  done
  printf 'EFI PART' | dd of=disk.img bs=512 seek=1 conv=notrunc status=none
  cp disk.img before.img
  run --separate-stderr -65 virby-image grow -s 128MiB disk.img
  complains "'disk.img' has no valid partition table: the primary GPT is malformed, the backup is missing" \
    "hint: nothing was changed; create the disk again from its image"
  cmp before.img disk.img
}

@test "grow: sizes that are none" {
  cp "$BASE" disk.img
  for size in "" 0 0GiB 100 1.5GiB 100GB 1e3G 100GiB\  99999999TiB "1 GiB" G; do
    run --separate-stderr -64 virby-image grow -s "$size" disk.img
    complains "the value '$size' is invalid for '-s <size>'" 'hint: write a size such as 100GiB or 512MiB'
  done
  cmp base.img disk.img
}

@test "grow: refusals" {
  cp "$BASE" disk.img
  run --separate-stderr -64 virby-image grow -s 32MiB disk.img
  complains "cannot shrink 'disk.img' from 64MiB to 32MiB" "hint: give a size of 64MiB or more"
  run --separate-stderr -64 virby-image grow disk.img
  complains "missing expected argument '--size <size>'" "hint: see 'virby-image grow --help'"
  cmp base.img disk.img
  : >empty.img
  run --separate-stderr -65 virby-image grow -s 1GiB empty.img
  complains "'empty.img' is empty"
  mkfifo pipe.img
  run --separate-stderr -65 virby-image grow -s 1GiB pipe.img
  complains "'pipe.img' is not a regular file"
  run --separate-stderr -71 virby-image grow -s 1GiB nothing.img
  complains "cannot open 'nothing.img': No such file or directory"
}

@test "grow: a disk with an MBR alone" {
  truncate -s 64M disk.img
  sfdisk --quiet disk.img <<<"label: dos
type=83"
  cp disk.img before.img
  run --separate-stderr -65 virby-image grow -s 128MiB disk.img
  complains "cannot grow 'disk.img': its partition table is an MBR, not a GPT" \
    "hint: convert it: 'truncate -s 134217728 DISK', then 'sgdisk --mbrtogpt DISK'"
  cmp before.img disk.img
  truncate -s 134217728 disk.img
  sgdisk --mbrtogpt disk.img >/dev/null
  run --separate-stderr -0 virby-image grow -s 128MiB --grow-partition disk.img
  silent
  sound disk.img
  # A FAT boot sector ends like an MBR.
  truncate -s 8M fat.img
  mformat -i fat.img ::
  run --separate-stderr -65 virby-image grow -s 16MiB fat.img
  complains "cannot grow 'fat.img': it has no GPT" \
    "hint: a bare file system needs only 'truncate -s 16777216 DISK'"
}

@test "grow: a hybrid MBR stays as it is" {
  cp "$BASE" disk.img
  sgdisk -h 1 disk.img >/dev/null
  head -c 512 disk.img >before
  run --separate-stderr -0 virby-image grow -s 128MiB disk.img
  silent
  head -c 512 disk.img | cmp - before
  sgdisk -v disk.img | grep '^No problems found'
}

@test "grow: larger than the file system has files" {
  cp "$BASE" disk.img
  run --separate-stderr -71 virby-image grow -s 8388607TiB disk.img
  complains "cannot grow 'disk.img': File too large"
  cmp base.img disk.img
}

@test "create and grow: the file systems in the partitions are sound, and can grow into the space" {
  cp --sparse=always "$BASE" fs.img
  mke2fs -q -F -t ext4 -E "offset=$((43008 * 512))" fs.img 43008k
  run --separate-stderr -0 virby-image create -s 256MiB fs.img disk.img
  e2fsck -fn "disk.img?offset=$((43008 * 512))"
  run --separate-stderr -0 virby-image grow -s 1GiB --grow-partition disk.img
  silent
  e2fsck -fn "disk.img?offset=$((43008 * 512))"
  sound disk.img
  LOOP=$(losetup --show -f --offset $((43008 * 512)) --sizelimit $(((2097118 - 43008 + 1) * 512)) \
    disk.img 2>/dev/null) || skip "cannot set up a loop device"
  e2fsck -fp "$LOOP"
  resize2fs "$LOOP"
  e2fsck -fn "$LOOP"
  losetup -d "$LOOP"
  LOOP=
  run --separate-stderr -0 virby-image trim disk.img
  e2fsck -fn "disk.img?offset=$((43008 * 512))"
  sound disk.img
}

@test "trim: zero blocks are given back, the bytes stay" {
  cp --sparse=never "$BASE" disk.img
  before=$(($(stat -c %b disk.img) * 512))
  run --separate-stderr -0 virby-image trim disk.img
  [ -z "$stderr" ]
  [ "$output" -gt $((50 << 20)) ]
  [ "$output" = $((before - $(stat -c %b disk.img) * 512)) ]
  cmp base.img disk.img
  run --separate-stderr -0 virby-image trim disk.img
  [ "$output" = 0 ]
  [ -z "$stderr" ]
}

@test "trim: blocks that were allocated and never written are given back" {
  command -v fallocate >/dev/null || skip 'needs fallocate'
  cp --sparse=always "$BASE" disk.img
  fallocate -l 64M disk.img
  run --separate-stderr -0 virby-image trim disk.img
  [ "$output" -gt $((50 << 20)) ]
  cmp base.img disk.img
}

@test "trim: a file system without holes" {
  mkdir ram
  mount -t ramfs none ram 2>/dev/null || skip "cannot mount a ramfs"
  MOUNTED=$PWD/ram
  cp --sparse=always "$BASE" ram/disk.img
  run --separate-stderr -71 virby-image trim ram/disk.img
  complains "cannot trim 'ram/disk.img': Operation not supported"
}

# bars FILE: what a terminal was told, one state of its last line a line.
bars() {
  tr '\r' '\n' <"$1" | sed 's/ *$//'
}

@test "progress: a bar on a terminal, for work that takes more than a second, and none else" {
  needs_strace
  cp --sparse=never "$BASE" dense.img
  # 64 reads of 1 MiB that take 30 ms each.
  local slow=(strace -o /dev/null -e inject=pread64:delay_enter=30000)
  script -qec "${slow[*]} virby-image create dense.img disk.img" /dev/null >told </dev/null
  bars told >bars
  grep -Ex 'virby-image: copying  [5-9][0-9]% \[=+> *\] [0-9.]+ MiB of 64\.0 MiB' bars
  # In the end the line is empty again.
  [ "$(tail -c 1 told)" = $'\r' ] && [ -z "$(tail -n 1 bars)" ]
  [ "$(bars told | grep -vEc '^(virby-image: copying .*)?$')" = 0 ]
  cmp dense.img disk.img

  script -qec "${slow[*]} virby-image trim dense.img" /dev/null >told </dev/null
  bars told >bars
  grep -Ex 'virby-image: trimming  [5-9][0-9]% \[=+> *\] [0-9.]+ MiB of 64\.0 MiB' bars
  tail -n 2 bars | head -n 1 | grep -Ex '[0-9]+'

  # A quick one, a quiet one, and one that writes to a file say nothing.
  script -qec "virby-image create base.img second.img" /dev/null >told </dev/null
  [ ! -s told ]
  script -qec "${slow[*]} virby-image create -q --replace disk.img second.img" /dev/null >told </dev/null
  [ ! -s told ]
  run --separate-stderr -0 "${slow[@]}" virby-image create --replace disk.img second.img
  silent
}

@test "progress: of a stream the bytes that have come, in as many columns as there are" {
  mkfifo feed
  (head -c 20M "$BASE" && sleep 1.2 && tail -c +20971521 "$BASE") >feed 3>&- &
  script -qec 'stty cols 30; virby-image create - disk.img <feed' /dev/null >told </dev/null
  wait $!
  bars told | grep -E '^virby-image: copying [2-6][0-9]\.[0-9] Mi?B?$'
  [ "$(bars told | wc -L)" -le 29 ]
  cmp base.img disk.img
}

@test "inspect: for people" {
  cp "$BASE" disk.img
  truncate -s 96M disk.img
  run --separate-stderr -0 virby-image inspect disk.img
  [ -z "$stderr" ]
  diff - <(grep -v '^allocated    [0-9.]* MiB    [0-9]* bytes$' <<<"$output") <<EXPECTED
size         96.0 MiB   100663296 bytes
sector       512        bytes
primary GPT  good       at 1
backup GPT   displaced  at 131071

NUMBER  FIRST  LAST    SIZE      TYPE                                  NAME
1       2048   43007   20.0 MiB  $ESP  esp
2       43008  129023  42.0 MiB  $ROOT  root
EXPECTED
}

@test "inspect --json: for programs" {
  linux_only 'needs sfdisk'
  cp "$BASE" disk.img
  run --separate-stderr -0 virby-image inspect --json disk.img
  [ -z "$stderr" ]
  echo "$output" >found.json
  [ "$(wc -l <found.json)" = 1 ]
  [ "$(jq -c '[.size, .sectorSize, .primary, .backup]' found.json)" = \
    '[67108864,512,{"lba":1,"state":"good"},{"lba":131071,"state":"good"}]' ]
  # sfdisk tells the same of the partitions.
  jq -c '.partitions[] | [.first, .last - .first + 1, .type, .guid, .name]' found.json >ours
  sfdisk --json disk.img | jq -c '.partitiontable.partitions[] | [.start, .size, .type, .uuid, .name]' |
    diff - ours
  [ "$(jq -r .diskGUID found.json)" = "$(sfdisk --json disk.img | jq -r .partitiontable.id)" ]
  [ "$(jq .allocated found.json)" = $(($(stat -c %b disk.img) * 512)) ]
}

@test "inspect: leaves the disk as it is, even broken" {
  cp "$BASE" disk.img
  dd if=/dev/zero of=disk.img bs=512 seek=1 count=1 conv=notrunc status=none
  cp disk.img before.img
  chmod 444 disk.img
  run --separate-stderr -0 virby-image inspect --json disk.img
  [ "$(jq -c '[.primary.state, .backup.state]' <<<"$output")" = '["missing","good"]' ]
  cmp before.img disk.img
}

@test "a guest image that was made here" {
  local image found=
  for image in ~/.cache/virby/guest/*/disk.img; do
    [ -e "$image" ] || continue
    found=1
    rm -f disk.img
    run --separate-stderr -0 virby-image create -s 100GiB "$image" disk.img
    silent
    sound disk.img
  done
  [ -n "$found" ] || skip "no guest image in ~/.cache/virby/guest"
}

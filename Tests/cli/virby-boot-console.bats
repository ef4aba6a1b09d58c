#!/usr/bin/env bats
# The log of the guest's console: always kept, never for others to read, bounded.

load helpers
load machine

mode() {
  stat -c %a "$1"
}

@test "it is kept beside the disk, for its owner alone, with that of the run before" {
  umask 000
  make_kernel brief
  echo 'two runs ago' >vm/disk.img.log.old
  (umask 022 && echo 'the run before' >vm/disk.img.log)
  start --kernel kernel
  ends 0
  [ "$(cat vm/disk.img.log)" = "" ]
  [ "$(cat vm/disk.img.log.old)" = 'the run before' ]
  [ "$(mode vm/disk.img.log) $(mode vm/disk.img.log.old)" = '600 600' ]
}

@test "starts that fail do not push out the log of the guest that ran" {
  echo 'what it said last' >vm/disk.img.log
  for try in 1 2 3; do
    run --separate-stderr -69 virby-boot --accelerator tcg -q --kernel /dev/null vm/disk.img
  done
  [ "$(cat vm/disk.img.log.old)" = 'what it said last' ]
}

@test "--serial: elsewhere" {
  make_kernel brief
  start --kernel kernel --serial console
  ends 0
  [ "$(mode console)" = 600 ]
  [ ! -e vm/disk.img.log ]
}

@test "--serial: a device is left as it is" {
  make_kernel brief
  before=$(stat -c '%a %i' /dev/null)
  start --kernel kernel --serial /dev/null
  ends 0
  [ "$(stat -c '%a %i' /dev/null)" = "$before" ]
  [ ! -e /dev/null.old ]
}

@test "a symbolic link is not followed, a folder not taken for a file" {
  echo precious >target
  ln -s "$PWD/target" vm/disk.img.log
  run --separate-stderr -71 virby-boot --accelerator tcg vm/disk.img
  [ "$output" = "" ]
  [ "$stderr" = "virby-boot: cannot write the console to '$here/disk.img.log': it is not a file
virby-boot: hint: name a file with '--serial'" ]
  [ "$(cat target)" = precious ]
  mkdir folder
  run --separate-stderr -71 virby-boot --accelerator tcg --serial folder vm/disk.img
  [ "$stderr" = "virby-boot: cannot write the console to '$(pwd -P)/folder': it is not a file
virby-boot: hint: name a file with '--serial'" ]
}

@test "a disk that is in use keeps its log" {
  start
  echo 'Linux version 6' >>vm/disk.img.log
  run --separate-stderr -75 virby-boot --accelerator tcg vm/disk.img
  [ "$(cat vm/disk.img.log)" = 'Linux version 6' ]
  [ ! -e vm/disk.img.log.old ]
}

@test "-v tells when the console begins, once, and what with" {
  start -v
  printf '\r\n\033[1mLinux ver' >>vm/disk.img.log
  printf 'sion 6\r\nmore\n' >>vm/disk.img.log
  eventually 5 occurs 'console begins' errors
  grep -E "^virby-boot: the guest's console begins at \+[0-9.]+ s: \\\\u\{1B\}\[1mLinux version 6$" errors
  echo 'much more' >>vm/disk.img.log
  eventually 5 idle_for_a_second
  [ "$(grep -c 'console begins' errors)" = 1 ]
}

idle_for_a_second() {
  [ $(($(date +%s) - $(stat -c %Y vm/disk.img.log))) -ge 2 ]
}

# allocated MOST: the log takes no more MiB on the disk.
allocated() {
  [ "$(du -k vm/disk.img.log | cut -f 1)" -le $(($1 << 10)) ]
}

@test "a guest that talks without end does not fill the disk" {
  start
  for round in 1 2 3; do
    dd if=/dev/zero bs=1M count=24 status=none | tr '\0' "$round" >>vm/disk.img.log
    eventually 5 allocated 9
  done
  # What it said last is there, and its place in the file has not changed.
  [ "$(stat -c %s vm/disk.img.log)" = $((72 << 20)) ]
  [ "$(tail -c 4194304 vm/disk.img.log | tr -d 3 | wc -c)" = 0 ]
}

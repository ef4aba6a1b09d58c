#!/usr/bin/env bats
# virby-boot --keys: what the guest sees is a copy, and what it does to that is of no consequence.
# shellcheck disable=SC2154 # `load standins` sets what is used here

load helpers
load standins

copy=vm/.disk.img.control/keys

# begin DRIVER OPTION...: a machine of that driver is up, and sees the keys in vm/keys.
begin() {
  driver=$1
  shift
  if [ "$driver" = qemu ]; then linux_only 'its machine is a PC, run by QEMU on Linux'; fi
  [ -d vm/keys ] || virby-keys ensure vm/keys >/dev/null
  case $driver in
    qemu) start --keys vm/keys --accelerator tcg -m 256 "$@" ;;
    *) start --keys vm/keys "$@" ;;
  esac
  eventually 20 occurs running events
}

# finish: the machine is stopped, however willing, and nothing is left of the copy.
finish() {
  kill -TERM "$boot"
  wait "$boot" || true
  boot=
  nothing_left
}

# vandalize: what a guest could do that may write to the copy.
vandalize() {
  rm -f $copy/ssh_host_ed25519_key $copy/ssh_user_ed25519_key.pub
  ln -s /etc/passwd $copy/ssh_host_ed25519_key
  mkdir -p $copy/ssh_user_ed25519_key.pub/a/b
  : >$copy/ssh_user_ed25519_key.pub/a/b/c
  ln -s "$PWD/vm/keys" $copy/keys
  mkfifo $copy/fifo
  truncate -s 10G $copy/huge
  chmod 0 $copy/ssh_user_ed25519_key.pub/a $copy
}

# contents FOLDER: the names, modes and contents of the files in it.
contents() {
  (cd "$1" && find . -printf '%P %m\n' -type f -exec sha256sum {} \; | LC_ALL=C sort)
}

@test "the guest sees a copy, which is gone with the machine" {
  for kind in vfkit krunkit qemu; do
    begin $kind --stop-timeout 2s
    echo 'max-jobs = 4' >vm/keys/guest/nix.conf
    finish
    before=$(contents vm/keys)
    begin $kind --stop-timeout 2s
    [ "$(cd $copy && find . -printf '%P %m\n' | LC_ALL=C sort)" = ' 700
nix.conf 600
ssh_host_ed25519_key 600
ssh_user_ed25519_key.pub 600' ]
    for file in nix.conf ssh_host_ed25519_key ssh_user_ed25519_key.pub; do
      cmp vm/keys/guest/$file $copy/$file
    done
    tr '\0' '\n' <"/proc/$(driver_pid)/cmdline" >words
    grep -q "=$here/.disk.img.control/keys,.*virby-keys" words
    run ! grep -q keys/guest words
    finish
    [ "$(contents vm/keys)" = "$before" ]
    [ ! -s errors ] || [ $kind = qemu ]
    rm -rf vm/disk.img.* vm/keys
  done
}

@test "what the guest does to the copy is gone with it" {
  for kind in vfkit krunkit qemu; do
    begin $kind --stop-timeout 2s
    before=$(contents vm/keys)
    vandalize
    finish
    [ "$(contents vm/keys)" = "$before" ]
    begin $kind --stop-timeout 2s
    cmp vm/keys/guest/ssh_host_ed25519_key $copy/ssh_host_ed25519_key
    finish
    rm -f vm/disk.img.*
  done
  [ "$(head -c 4 /etc/passwd)" = root ]
}

@test "kill -9: the guard removes the copy" {
  begin vfkit
  vandalize
  kill -KILL "$boot"
  wait "$boot" || true
  boot=
  eventually 15 gone "$(driver_pid)"
  eventually 5 nothing_left
  virby-keys check vm/keys
}

@test "kill -9 of all that could remove it: the next start does, with keys or without" {
  for keys in 'vm/keys' ''; do
    begin vfkit
    echo left >$copy/left
    mkdir $copy/folder
    kill -KILL -- "-$(ps -o pgid= -p "$(driver_pid)" | tr -d ' ')"
    kill -KILL "$boot"
    wait "$boot" || true
    boot=
    eventually 5 flock -n vm/disk.img.lock true
    [ -e $copy/left ]
    start ${keys:+--keys "$keys"}
    eventually 20 occurs running events
    if [ -n "$keys" ]; then
      [ "$(ls $copy)" = 'ssh_host_ed25519_key
ssh_user_ed25519_key.pub' ]
    else
      [ ! -e $copy ]
    fi
    finish
    rm -f vm/disk.img.*
  done
}

@test "what is not a file of a reasonable size is not copied, and it is said" {
  warning="virby-boot: warning: the guest does not get everything in '$here/keys/guest': only regular files, at most 64, each of at most 1MiB"
  virby-keys ensure vm/keys >/dev/null
  truncate -s 1M vm/keys/guest/enough
  for what in link folder fifo large many; do
    echo $what
    case $what in
      link) ln -s /etc/passwd vm/keys/guest/odd ;;
      folder) mkdir vm/keys/guest/odd ;;
      fifo) mkfifo vm/keys/guest/odd ;;
      large) truncate -s 1048577 vm/keys/guest/odd ;;
      many) for number in $(seq 62); do : >"vm/keys/guest/a$number"; done ;;
    esac
    begin vfkit
    errors "$warning"
    [ -e $copy/ssh_host_ed25519_key ]
    [ -e $copy/ssh_user_ed25519_key.pub ]
    [ ! -e $copy/odd ]
    if [ $what = many ]; then
      [ "$(find $copy -type f | wc -l)" -eq 64 ]
    else
      [ "$(stat -c %s $copy/enough)" -eq 1048576 ]
    fi
    finish
    rm -rf vm/keys/guest/odd
  done
}

@test "a disk without room for the copy: 71, and nothing is left" {
  [ "$(id -u)" -eq 0 ] || skip 'needs root'
  virby-keys ensure vm/keys >/dev/null
  truncate -s 64K vm/keys/guest/more
  mkdir control
  mount -t tmpfs -o mode=700,size=16k none control || skip 'cannot mount'
  run --separate-stderr virby-boot --driver vfkit --keys vm/keys --control control vm/disk.img
  left=$(ls -A control)
  umount control
  [ "$status" -eq 71 ]
  [ "$output" = "" ]
  [ "$stderr" = "virby-boot: cannot write '$PWD/control/keys/more': No space left on device" ]
  [ "$left" = "" ]
}

@test "--settings: files beside the keys, in whose place none can be put" {
  mkdir settings
  echo 'max-jobs = 4' >settings/nix.conf
  : >settings/substituters
  begin vfkit --settings settings
  [ "$(cd $copy && find . -printf '%P %m\n' | LC_ALL=C sort)" = ' 700
nix.conf 600
ssh_host_ed25519_key 600
ssh_user_ed25519_key.pub 600
substituters 600' ]
  cmp settings/nix.conf $copy/nix.conf
  [ ! -s errors ]
  finish
  [ "$(ls settings)" = 'nix.conf
substituters' ]

  warning="virby-boot: warning: the guest does not get everything in '$PWD/settings': only regular files, at most 64, each of at most 1MiB"
  echo another >settings/ssh_host_ed25519_key
  echo another >settings/ssh_more
  ln -s /etc/shadow settings/mounts
  for number in $(seq 100); do : >"settings/z$number"; done
  rm -f vm/disk.img.*
  begin vfkit --settings settings
  errors "$warning"
  cmp vm/keys/guest/ssh_host_ed25519_key $copy/ssh_host_ed25519_key
  [ ! -e $copy/ssh_more ]
  [ ! -e $copy/mounts ]
  [ "$(find $copy -type f | wc -l)" -eq 64 ]
  finish

  run --separate-stderr -71 virby-boot --driver vfkit --keys vm/keys --settings missing vm/disk.img
  [[ $stderr == *"missing': No such file or directory"* ]]
  run --separate-stderr -64 virby-boot --driver vfkit --settings settings vm/disk.img
  [[ $stderr == "virby-boot: '--settings' needs '--keys'"* ]]
  run --separate-stderr -64 virby-boot --driver vfkit --keys vm/keys --settings '' vm/disk.img
  [[ $stderr == "virby-boot: the value '' is invalid for '--settings'"* ]]
}

#!/usr/bin/env bats
# What Nix and ssh are told of the builder, and what virby-prove takes a guest's word for.

load helpers
load scripts

# proves LINE...: what a guest said, when it was asked with the present settings.
proves() {
  mkdir -p -m 700 builder
  touch -d '1 hour ago' builder/base
  printf '%s\n' "for=$(bash -c 'scripts=$REPO/scripts; . "$scripts/settings"; proved_for')" "$@" >builder/proved
}

@test "virby-machines nix: nothing is promised before it was proved" {
  VIRBY_ARCH=arm64 run --separate-stderr -0 virby-machines nix
  [ "$output" = 'ssh-ng://virby-vm aarch64-linux - 8 1 benchmark,big-parallel - -' ]
  [ "$stderr" = "" ]
  VIRBY_ARCH=amd64 VIRBY_CORES=3 VIRBY_HOST=house VIRBY_SPEED_FACTOR=2.5 run -0 virby-machines nix
  [ "$output" = 'ssh-ng://house x86_64-linux - 3 2.5 benchmark,big-parallel - -' ]
  [ ! -e builder ]
}

@test "virby-machines nix: what was proved, as long as it is the same machine and disk" {
  export VIRBY_ARCH=arm64
  proves system=aarch64-linux,x86_64-linux cores=4 features=benchmark,big-parallel,kvm,nixos-test
  [ "$(virby-machines nix)" = 'ssh-ng://virby-vm aarch64-linux,x86_64-linux - 4 1 benchmark,big-parallel,kvm,nixos-test - -' ]
  [ "$(VIRBY_TTL=1m virby-machines nix)" = "$(virby-machines nix)" ]
  for setting in VIRBY_CORES=2 VIRBY_ROSETTA=yes VIRBY_NESTED=yes VIRBY_KERNEL=/other VIRBY_DRIVER=krunkit; do
    run -0 env "$setting" virby-machines nix
    [[ $output == 'ssh-ng://virby-vm aarch64-linux - '[28]' 1 benchmark,big-parallel - -' ]]
  done
  touch -d '1 hour' builder/base
  [ "$(virby-machines nix)" = 'ssh-ng://virby-vm aarch64-linux - 8 1 benchmark,big-parallel - -' ]
  proves system=aarch64-linux cores=8 features=
  [ "$(virby-machines nix)" = 'ssh-ng://virby-vm aarch64-linux - 8 1 - - -' ]
}

@test "virby-machines ssh: what virby-prepare writes" {
  prepare
  virby-machines ssh | cmp - builder/ssh_config
}

@test "virby-machines --check: the list of machines says of the builder what was proved, in any order" {
  [ "$(id -u)" = 0 ] || skip 'needs root, for another /etc/nix/machines'
  export VIRBY_ARCH=arm64
  mkdir nix
  check() {
    run --separate-stderr "-$1" unshare -m sh -c 'mkdir -p /etc/nix && mount --bind nix /etc/nix && exec virby-machines --check'
    [ "$output" = "" ]
  }
  check 1
  [ "${stderr_lines[0]}" = "virby-machines: '/etc/nix/machines' has no line for 'virby-vm'" ]
  echo '# ssh-ng://virby-vm aarch64-linux - 8 1 benchmark,big-parallel - -' >nix/machines
  check 1
  echo 'ssh-ng://virby-vm aarch64-linux - 8 1 big-parallel,benchmark' >>nix/machines
  check 0
  [ "$stderr" = "" ]
  proves system=aarch64-linux,x86_64-linux cores=8 features=benchmark,big-parallel
  check 1
  [ "$stderr" = "virby-machines: '/etc/nix/machines' does not say of 'virby-vm' what was proved
virby-machines: hint: run 'virby-install' again, or write '$(virby-machines nix)'" ]
  echo 'ssh://builder@virby-vm x86_64-linux,aarch64-linux - 8 1 benchmark,big-parallel - -' >nix/machines
  check 0
  rm -r nix/machines
}

@test "virby-machines: wrong usage" {
  for words in '' gentoo 'nix ssh'; do
    # shellcheck disable=SC2086 # words
    run --separate-stderr -64 virby-machines $words
    [ "$output" = "" ]
    [ "${stderr_lines[1]}" = "virby-machines: hint: see 'virby-machines --help'" ]
  done
}

# guest_says TEXT: an ssh whose guest says that.
guest_says() {
  mkdir -p bin
  printf '%b' "$1" >said
  printf '#!/bin/sh\ncat >asked\ncat said\n' >bin/ssh
  chmod +x bin/ssh
  PATH=$PWD/bin:$PATH VIRBY_GUEST=tcp:192.168.64.7:22 virby-prove
}

@test "virby-prove: what a guest says counts for no more than it is, and is asked once" {
  prepare
  export VIRBY_ARCH=arm64
  guest_says 'system=aarch64-linux\ncores=4\nfeatures=big-parallel,kvm,evil ssh-ng://x,benchmark,nixos-test\nkvm=yes\nx86-64=yes\n'
  cmp asked "$REPO/scripts/prove.d/guest"
  [ "$(stat -c %a builder/proved)" = 600 ]
  [ "$(virby-machines nix)" = 'ssh-ng://virby-vm aarch64-linux,x86_64-linux - 4 1 benchmark,big-parallel,kvm,nixos-test - -' ]
  rm asked
  guest_says 'system=x86_64-linux\n'
  [ ! -e asked ]
  # Another machine is asked, and has not opened /dev/kvm.
  VIRBY_ROSETTA=yes guest_says 'system=aarch64-linux\ncores=a b\nfeatures=benchmark,kvm,nixos-test\n'
  [ "$(VIRBY_ROSETTA=yes virby-machines nix)" = 'ssh-ng://virby-vm aarch64-linux - 8 1 benchmark - -' ]
  run --separate-stderr -65 guest_says 'system=$(true)\n'
  [ "$stderr" = "virby-prove: the guest is of an unknown system 'true'" ]
  run -0 find builder -name 'proved.*'
  [ "$output" = "" ]
  # What the guest runs, here.
  run -0 sh "$REPO/scripts/prove.d/guest"
  [ "${lines[0]}" = "system=$(uname -m)-linux" ]
  [ "${lines[1]}" = "cores=$(nproc --all)" ]
}

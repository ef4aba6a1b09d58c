#!/usr/bin/env bats
# What the host writes down for the guest, and how virby-boot hands it over; what becomes of it is in guest-share.bats.

load helpers
load scripts

prepared() {
  run --separate-stderr -0 virby-settings
  [ "$output" = "" ]
  [ "$stderr" = "${1-}" ]
}

@test "virby-settings: nothing set is nothing written" {
  mkdir -m 700 builder
  prepared
  [ "$(stat -c %a builder/guest)" = 700 ]
  [ -z "$(ls -A builder/guest)" ]
}

@test "virby-settings: every setting is a file, and none is left when it is unset" {
  mkdir -m 700 builder
  umask 000
  printf 'max-jobs = 3\n' >nix.conf
  echo key >user.pub
  printf 'certificate\0\n' >ca
  export VIRBY_NIX_CONF=nix.conf VIRBY_USER_KEY=user.pub VIRBY_CA_CERTIFICATES=ca
  export VIRBY_SUBSTITUTERS='https://a  https://b?x=*' VIRBY_TRUSTED_PUBLIC_KEYS=$'a-1:x=\nb-1:y=\n'
  export VIRBY_PROXY=http://proxy:3128 VIRBY_NO_PROXY=localhost,.example
  export VIRBY_MOUNTS='a=/mnt/a b=/mnt/b:rw c=/mnt/c:ro' VIRBY_TIME_ZONE=Europe/Berlin VIRBY_LOG_LEVEL=debug
  prepared
  [ "$(cd builder/guest && tail -v -n +1 -- * | tr -d '\0')" = '==> authorized_keys <==
key

==> ca-certificates.crt <==
certificate

==> log-level <==
debug

==> mounts <==
a /mnt/a ro
b /mnt/b rw
c /mnt/c ro

==> nix.conf <==
max-jobs = 3

==> proxy <==
http_proxy=http://proxy:3128
https_proxy=http://proxy:3128
no_proxy=localhost,.example

==> substituters <==
https://a
https://b?x=*

==> time-zone <==
Europe/Berlin

==> trusted-public-keys <==
a-1:x=
b-1:y=' ]
  [ "$(stat -c %a builder/guest/* | sort -u)" = 600 ]
  cmp ca builder/guest/ca-certificates.crt
  echo mine >builder/guest/other

  VIRBY_SUBSTITUTERS='' prepared
  [ -e builder/guest/substituters ]
  [ ! -s builder/guest/substituters ]

  for name in $(compgen -v VIRBY_); do [ "$name" = VIRBY_DIR ] || [ "$name" = VIRBY_BIN ] || unset "$name"; done
  prepared
  [ "$(ls -A builder/guest)" = other ]
  [ "$(ls -A builder)" = guest ]
}

@test "virby-settings: what is not there, too large or not a file the guest does without" {
  mkdir -m 700 builder
  ln -s /etc/passwd link
  mkfifo fifo
  truncate -s 1048577 large
  for file in missing fifo large .; do
    echo 'old' >builder/guest/nix.conf 2>/dev/null || true
    VIRBY_NIX_CONF=$file prepared "virby-settings: warning: the guest does without VIRBY_NIX_CONF: '$file' is not a file of at most 1 MiB that can be read"
    [ ! -e builder/guest/nix.conf ]
  done
  mkdir builder/guest/mounts
  VIRBY_MOUNTS=a=/mnt/a run --separate-stderr -71 virby-settings
  [ "$stderr" = "virby-settings: '$VIRBY_DIR/guest/mounts' is a directory
virby-settings: hint: remove it" ]
}

@test "virby-settings: a folder that is not ours is not written to" {
  mkdir -m 700 real
  ln -s real builder
  run --separate-stderr -65 virby-settings
  [ "$stderr" = "virby-settings: '$VIRBY_DIR' is a symbolic link
virby-settings: hint: set VIRBY_DIR to the folder it leads to" ]
  [ -z "$(ls -A real)" ]
}

@test "virby-prepare: the settings are written, and neither disk nor keys are made anew for them" {
  prepare
  before=$(
    stat -c '%i %Y %n' builder/disk.img builder/keys/*
    sha256sum builder/disk.img builder/keys/ssh_* builder/keys/guest/*
  )
  for value in debug error ''; do
    VIRBY_LOG_LEVEL=$value run --separate-stderr -0 virby-prepare
    [ "$output$stderr" = "" ]
    [ "$(cat builder/guest/log-level 2>/dev/null || true)" = "$value" ]
    [ "$(
      stat -c '%i %Y %n' builder/disk.img builder/keys/*
      sha256sum builder/disk.img builder/keys/ssh_* builder/keys/guest/*
    )" = "$before" ]
  done
  virby-keys rotate builder/keys >/dev/null
  echo mine >builder/guest/other
  virby-keys rotate --finish builder/keys >/dev/null
  [ "$(cat builder/guest/other)" = mine ]
  run --separate-stderr -0 virby-prepare
  [ "$output$stderr" = "" ]
}

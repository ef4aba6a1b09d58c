#!/usr/bin/env bats
# The scripts, as far as they go without a VM; Tests/e2e has the rest.

load helpers

setup() {
  own_folder
  export VIRBY_DIR=$PWD/builder
  PATH=$REPO/scripts:$PATH
}

make_image() {
  truncate -s 16M image
  sfdisk -q image <<<'label: gpt
size=8M, name=root'
}

@test "a script that takes no operands says what it is for, and refuses any" {
  for script in virbyd virby-status virby-busy virby-close; do
    run --separate-stderr -0 "$script" --help
    [ -n "$output" ]
    [ "$stderr" = "" ]
    run --separate-stderr -64 "$script" now
    [ "$output" = "" ]
    [ "$stderr" = "$script: unknown argument 'now'
$script: hint: see '$script --help'" ]
  done
}

@test "virby-prepare: without an image there is no disk, and nothing is made but the folder" {
  run --separate-stderr -64 virby-prepare
  [ "$output" = "" ]
  [ "$stderr" = "virby-prepare: there is no disk in '$VIRBY_DIR' yet
virby-prepare: hint: set VIRBY_IMAGE to a raw image" ]
  [ ! -e builder/keys ]
}

@test "virby-prepare: disk, keys and ssh_config, then nothing changes; a disk grows and never shrinks" {
  make_image
  export VIRBY_IMAGE=image VIRBY_DISK_SIZE=32MiB
  run --separate-stderr -0 virby-prepare
  [ "$output" = "" ]
  [ "$stderr" = "" ]
  [ "$(cat builder/base)" = image ]
  [ "$(stat -c %a builder builder/disk.img builder/keys builder/ssh_config)" = "700
600
700
600" ]
  before=$(find builder -type f -exec sha256sum {} +)
  run --separate-stderr -0 virby-prepare
  [ "$(find builder -type f -exec sha256sum {} +)" = "$before" ]

  VIRBY_DISK_SIZE=64MiB run -0 virby-prepare
  [ "$(stat -c %s builder/disk.img)" = $((64 << 20)) ]
  VIRBY_DISK_SIZE=32MiB run --separate-stderr -0 virby-prepare
  [ "$stderr" = "virby-image: cannot shrink '$VIRBY_DIR/disk.img' from 64MiB to 32MiB
virby-image: hint: give a size of 64MiB or more
virby-prepare: warning: '$VIRBY_DIR/disk.img' keeps its size" ]
  [ "$(stat -c %s builder/disk.img)" = $((64 << 20)) ]
}

@test "virby-prepare --replace: a new disk and no firmware variables, the same keys" {
  make_image
  export VIRBY_IMAGE=image VIRBY_DISK_SIZE=32MiB
  virby-prepare
  keys=$(sha256sum builder/keys/ssh_*)
  echo garbage >builder/disk.img.efi
  echo reason >builder/disk.img.unclean
  echo used | dd of=builder/disk.img bs=1M seek=2 conv=notrunc status=none
  run --separate-stderr -0 virby-prepare --replace
  [ "$output" = "" ]
  [ ! -e builder/disk.img.efi ]
  [ ! -e builder/disk.img.unclean ]
  [ "$(sha256sum builder/keys/ssh_*)" = "$keys" ]
  cmp <(dd if=builder/disk.img bs=1M skip=2 count=1 status=none) <(head -c 1M /dev/zero)
}

@test "virby-prepare --replace: a disk in use is left alone" {
  make_image
  export VIRBY_IMAGE=image VIRBY_DISK_SIZE=32MiB
  virby-prepare
  exec 8<>builder/disk.img
  flock 8
  run -75 virby-prepare --replace
  exec 8>&-
  [ -e builder/disk.img ]
}

@test "virby-prepare --wait-lock: a disk that becomes free in time" {
  make_image
  export VIRBY_IMAGE=image VIRBY_DISK_SIZE=32MiB
  virby-prepare
  flock builder/disk.img sleep 60 3>&- &
  eventually 5 eval '! flock -n builder/disk.img true'
  run --separate-stderr -75 virby-prepare
  run --separate-stderr -75 virby-prepare --wait-lock 200ms
  virby-prepare --wait-lock 30s 3>&- &
  preparing=$!
  # It has the disk open when it waits.
  eventually 5 eval 'fuser builder/disk.img 2>/dev/null | grep -qw "$(pgrep -P "$preparing" virby-image)"'
  pkill -KILL -P "$(jobs -p | head -n 1)"
  wait "$preparing"
  run --separate-stderr -64 virby-prepare --wait-lock
  [ "$stderr" = "virby-prepare: no value for '--wait-lock'
virby-prepare: hint: see 'virby-prepare --help'" ]
}

@test "virby-ssh and virby-status before there is a builder" {
  run --separate-stderr -71 virby-ssh true
  [ "$stderr" = "virby-ssh: cannot read '$VIRBY_DIR/ssh_config'
virby-ssh: hint: run 'virby-prepare' first, or be a user who may read it" ]
  run --separate-stderr -71 virby-status
  [ "$stderr" = "virby-status: there is no disk in '$VIRBY_DIR'
virby-status: hint: run 'virby-prepare' first" ]
}

@test "virby-ssh: to the guest itself where VIRBY_GUEST says" {
  make_image
  export VIRBY_IMAGE=image VIRBY_DISK_SIZE=32MiB
  virby-prepare
  # -G: what ssh would do.
  run -0 virby-ssh -G
  [[ $output == *$'\nhostname 127.0.0.1\nport 31222\n'* ]]
  VIRBY_GUEST=tcp:192.168.64.7:22 run -0 virby-ssh -G
  [[ $output == *$'\nhostname 192.168.64.7\nport 22\n'* ]]
  [[ $output == *$'\nhostkeyalias virby-vm\n'* && $output == *$'\nbatchmode yes\n'* ]]
  VIRBY_GUEST='tcp:[fe80::1]:22' run -0 virby-ssh -G
  [[ $output == *$'\nhostname fe80::1\nport 22\n'* ]]
  VIRBY_GUEST='unix:/a b/100%/ssh.sock' run -0 virby-ssh -G
  grep -Fx 'proxycommand nc -U /a\ b/100%%/ssh.sock' <<<"$output"
  VIRBY_GUEST=192.168.64.7 run --separate-stderr -64 virby-ssh -G
  [ "$stderr" = "virby-ssh: cannot reach a guest at '192.168.64.7'
virby-ssh: hint: write tcp:HOST:PORT or unix:PATH" ]
}

@test "virby-status: the console's log, and how the last run ended if not in good order" {
  make_image
  export VIRBY_IMAGE=image VIRBY_DISK_SIZE=32MiB
  virby-prepare
  run -1 virby-status
  [ "${lines[0]}" = 'vm      stopped' ]
  [[ $output != *last* ]]
  [[ $output == *"
console $VIRBY_DIR/log/serial.log
"* ]]
  printf 'the guest was\033 stopped by force\n' >builder/disk.img.unclean
  run -1 virby-status
  [ "${lines[1]}" = 'last    not ended in good order: the guest was stopped by force' ]
}

@test "virby-rotate: wrong usage, and no keys, before anything is done" {
  run --separate-stderr -0 virby-rotate --help
  [[ $output == 'usage: virby-rotate [--restart]'* ]]
  run --separate-stderr -64 virby-rotate now
  [ "$stderr" = "virby-rotate: unknown option 'now'
virby-rotate: hint: see 'virby-rotate --help'" ]
  run --separate-stderr -71 virby-rotate
  [ "$stderr" = "virby-rotate: there are no keys in '$VIRBY_DIR' yet
virby-rotate: hint: run 'virby-prepare' first" ]
  [ ! -e builder ]
}

@test "virby-rotate: a builder that no one can reach keeps both sets of keys" {
  make_image
  VIRBY_PORT=$(shuf -i 20000-60000 -n 1)
  export VIRBY_IMAGE=image VIRBY_DISK_SIZE=32MiB VIRBY_PORT
  virby-prepare
  cp -a builder/keys old
  run --separate-stderr -69 virby-rotate
  [ "$output" = "" ]
  [ "$stderr" = "virby-rotate: cannot log in with the next keys, nor with the present ones
virby-rotate: hint: both stay; see 'virby-status' and '$VIRBY_DIR/log'" ]
  cmp old/ssh_user_ed25519_key builder/keys/ssh_user_ed25519_key
  [ -e builder/keys/ssh_user_ed25519_key.next ]
  [ ! -e builder/known_hosts.next ]
  virby-keys check builder/keys
}

@test "virby-busy and virby-close: a guest that nobody has reached is neither busy nor to be put in order" {
  make_image
  export VIRBY_IMAGE=image VIRBY_DISK_SIZE=32MiB
  virby-prepare
  run --separate-stderr -1 virby-busy
  [ -z "$output$stderr" ]
  run --separate-stderr -0 virby-close
  [ -z "$output$stderr" ]
  [[ $(cat builder/log/closed) =~ ^[0-9]+\ 0$ ]]
}

@test "virby-close: a limit that is no size" {
  make_image
  export VIRBY_IMAGE=image VIRBY_DISK_SIZE=32MiB
  virby-prepare
  for size in 5 5GB GiB -1GiB 1e3G; do
    VIRBY_MIN_FREE=$size run --separate-stderr -64 virby-close
    [ "$stderr" = "virby-close: '$size' is no size
virby-close: hint: write 5GiB, or 500MiB" ]
  done
  [ ! -e builder/log/closed ]
}

#!/usr/bin/env bats
# Another image takes the place of the system: noticed, taken, rolled back, and whole whenever it is cut short.

load helpers
load scripts

setup() {
  own_folder
  use_bash
  PATH=$PATH:$REPO/scripts
  export VIRBY_DIR=$PWD/builder VIRBY_STORE_SIZE=1GiB VIRBY_DISK_SIZE=32MiB VIRBY_IMAGE=$PWD/first
  disk=$VIRBY_DIR/disk.img
  image first
  image second
  virby-prepare
  echo built | dd of="$VIRBY_DIR/store.img" conv=notrunc status=none
}

teardown() {
  if [ -n "${server-}" ]; then kill "$server"; fi
}

# image NAME: one that is known by its name, in the root that is on it.
image() {
  make_image
  printf '%-16s' "$1" | dd of=image bs=1M seek=2 conv=notrunc status=none
  mv image "$1"
}

# of DISK: the image that it was made from.
of() {
  dd if="$1" bs=16 skip=131072 count=1 status=none | tr -d ' '
}

# is SYSTEM [BEFORE]: what the builder has, what its records say, and that all else is as it was.
is() {
  [ "$(of "$disk")" = "$1" ]
  [ "$(cat "$VIRBY_DIR/base")" = "$PWD/$1" ]
  if [ -n "${2-}" ]; then
    [ "$(of "$disk.previous")" = "$2" ]
    [ "$(cat "$VIRBY_DIR/base.previous")" = "$PWD/$2" ]
  else
    [ ! -e "$disk.previous" ]
  fi
  [ ! -e "$disk.swap" ]
  [ ! -e "$VIRBY_DIR/base.swap" ]
  [ "$(head -c 5 "$VIRBY_DIR/store.img")" = built ]
}

row() {
  virby-status | grep "^$1 " | sed "s/^$1  *//"
}

@test "virby-status says that there is a new image, and who takes it" {
  run -1 virby-status
  [[ $output != *$'\nimage'* ]]
  run -1 virby-status --json
  [ "$(jq -r '.image, .newImage, .previousImage' <<<"$output")" = "$PWD/first
null
null" ]
  export VIRBY_IMAGE=$PWD/second
  [ "$(row image)" = "a new one is there: $PWD/second; 'virby upgrade' takes it, or the next start" ]
  run -1 virby-status --json
  [ "$(jq -r '.image, .newImage, .newImageTakenBy' <<<"$output")" = "$PWD/first
$PWD/second
start" ]
  # One that is not there is none, and VIRBY_NEXT_IMAGE is one as soon as it is.
  VIRBY_IMAGE=$PWD/third
  [ "$(row image)" = '' ]
  VIRBY_IMAGE=$PWD/first VIRBY_NEXT_IMAGE=$PWD/next
  export VIRBY_NEXT_IMAGE
  [ "$(row image)" = '' ]
  ln -s second next
  [ "$(row image)" = "a new one is there: $PWD/second; 'virby upgrade' takes it, or the next start" ]
  rm "$VIRBY_DIR/store.img"
  [ "$(row image)" = "a new one is there: $PWD/second; the disk holds the store, and keeps its system" ]
}

@test "another image under the name that the old one had is new" {
  mv second first
  touch -d '1 hour' first
  [ "$(row image)" = "a new one is there: $PWD/first; 'virby upgrade' takes it, or the next start" ]
  touch -d '1 minute ago' first
  [ "$(row image)" = '' ]
}

@test "virby upgrade takes it, and keeps the system before; store, keys and address stay; then there is nothing to do" {
  keys=$(sha256sum "$VIRBY_DIR"/keys/ssh_*)
  run --separate-stderr -0 virby upgrade
  [ "$output" = "the system is of '$PWD/first' already" ]
  echo garbage >"$disk.efi"
  export VIRBY_IMAGE=$PWD/second
  run --separate-stderr -0 virby upgrade
  [ "$output" = "the system is of '$PWD/second' now; 'virby rollback' takes back that of '$PWD/first'" ]
  [ "$stderr" = "" ]
  is second first
  [ ! -e "$disk.efi" ]
  [ "$(sha256sum "$VIRBY_DIR"/keys/ssh_*)" = "$keys" ]
  [ "$(stat -c '%s %a' "$disk")" = "$((32 << 20)) 600" ]
  [ "$(row before)" = "$PWD/first, until a build has gone through; 'virby rollback' takes it back" ]
  run -0 virby upgrade
  is second first
  virby-prepare
  is second first
}

@test "the next start takes it as well, and keeps the system before" {
  VIRBY_IMAGE=$PWD/second run --separate-stderr -0 virby-prepare
  [ "$output$stderr" = "" ]
  is second first
}

@test "virby rollback, and back: an image that was rolled back is taken by nobody who was not asked" {
  export VIRBY_IMAGE=$PWD/second
  virby upgrade
  echo proved >"$VIRBY_DIR/proved"
  echo garbage >"$disk.efi"
  run --separate-stderr -0 virby rollback
  [ "$output" = "the system is of '$PWD/first' again; 'virby rollback' goes back to that of '$PWD/second'" ]
  [ "$stderr" = "" ]
  is first second
  [ ! -e "$VIRBY_DIR/proved" ]
  [ ! -e "$disk.efi" ]
  virby-prepare
  is first second
  [ "$(row image)" = "a new one is there: $PWD/second; it was rolled back, and 'virby upgrade' takes it" ]
  [ "$(virby-status --json | jq -r .newImageTakenBy)" = upgrade ]
  virby rollback
  is second first
  virby rollback
  virby-prepare
  is first second
  # One of another time is another one.
  touch -d '1 hour' second
  virby-prepare
  is second second
}

@test "of several that have not served, the one that has is kept" {
  image third
  VIRBY_IMAGE=$PWD/second virby upgrade
  VIRBY_IMAGE=$PWD/third virby upgrade
  is third first
}

@test "a kernel of its own that came with the new image is not rolled back, which is said" {
  VIRBY_IMAGE=$PWD/second virby upgrade
  : >kernel
  touch -d '1 hour' kernel
  VIRBY_KERNEL=$PWD/kernel run --separate-stderr -0 virby rollback
  [ "$stderr" = "virby-upgrade: warning: the kernel '$PWD/kernel' is newer than this system, and stays
virby-upgrade: hint: set VIRBY_KERNEL, VIRBY_INITRD and VIRBY_CMDLINE to those that came with it" ]
}

# refused STATUS VERB MESSAGE HINT: and nothing is changed.
refused() {
  before=$(find builder -type f ! -name '*.lock' -exec sha256sum {} + | sort)
  run --separate-stderr "-$1" virby "$2"
  [ "$output" = "" ]
  [ "$stderr" = "virby-upgrade: $3
virby-upgrade: hint: $4" ]
  [ "$(find builder -type f ! -name '*.lock' -exec sha256sum {} + | sort)" = "$before" ]
}

@test "refused: a store on the same disk, no image, no system before, a VM that is up" {
  refused 65 rollback 'there is no system before this one' 'it is kept until a build has gone through the next'
  VIRBY_IMAGE='' refused 64 upgrade 'there is no image to take' 'set VIRBY_IMAGE to a raw image'
  VIRBY_IMAGE=$PWD/third refused 71 upgrade "cannot read the image '$PWD/third'" 'set VIRBY_IMAGE to a raw image'
  export VIRBY_IMAGE=$PWD/second
  VIRBY_DISK_SIZE=5GB refused 64 upgrade "'5GB' is not a disk's size" \
    'set VIRBY_DISK_SIZE to a number with a unit, such as 100GiB'
  virby upgrade
  exec 8<>"$disk.lock"
  flock 8
  in_use="cannot replace '$disk': the VM is up"
  VIRBY_IMAGE=$PWD/first refused 75 upgrade "$in_use" "run 'virby stop' first, when nothing is built"
  refused 75 rollback "$in_use" "run 'virby stop' first, when nothing is built"
  VIRBY_IMAGE=$PWD/first run --separate-stderr -0 virby-prepare
  [ "$stderr" = 'virby-prepare: the new image is for the next start' ]
  exec 8>&-
  is second first
  rm "$VIRBY_DIR/store.img"
  VIRBY_IMAGE=$PWD/first refused 65 upgrade "the store is on the system's disk, and would be lost with it" \
    "for one of its own set VIRBY_STORE_SIZE and run 'virby-prepare --replace' once; what has been built is lost then"
  # And so it is.
  virby-prepare --replace
  [ "$(stat -c %s "$VIRBY_DIR/store.img")" = $((1 << 30)) ]
}

@test "an image that is none: the system stays, and nothing is lost" {
  head -c 1M /dev/urandom >garbage
  export VIRBY_IMAGE=$PWD/garbage
  run --separate-stderr -65 virby upgrade
  is_first() {
    [ "$(of "$disk")" = first ]
    [ "$(cat "$VIRBY_DIR/base")" = "$PWD/first" ]
  }
  is_first
  run --separate-stderr -0 virby-prepare
  [ "${stderr_lines[${#stderr_lines[@]} - 1]}" = "virby-prepare: warning: '$disk' keeps the system of '$PWD/first'" ]
  is_first
  # It has a second name now, which is no system before.
  VIRBY_IMAGE=$PWD/first
  [ "$(row before)" = '' ]
  run -65 virby rollback
  VIRBY_IMAGE=$PWD/second virby upgrade
  is second first
}

# slain N COMMAND...: killed, with all that it has started, where the Nth of its steps would be; 1 if it has fewer.
slain() {
  local status=0
  echo "$1" >left
  setsid -w env "PATH=$PWD/bin:$PATH" "VIRBY_BIN=$PWD/bin:${VIRBY_BIN:?}" "${@:2}" >said 2>&1 || status=$?
  [ "$status" = 137 ]
}

# make_knife: each command that changes a file kills its whole group if it is the one.
make_knife() {
  local tool
  mkdir bin
  for tool in ln mv cp rm touch virby-image; do
    cat >"bin/$tool" <<END
#!/bin/sh
if [ "$tool \$1" != 'virby-image holder' ]; then
  read -r number <"$PWD/left"
  echo \$((number - 1)) >"$PWD/left"
  if [ "\$number" = 1 ]; then kill -KILL 0; fi
fi
exec "$(type -P $tool)" "\$@"
END
    chmod +x "bin/$tool"
  done
}

@test "kill -9 before each step of an upgrade: the old system or the new one is whole, and the next run does the rest" {
  make_knife
  keys=$(sha256sum "$VIRBY_DIR"/keys/ssh_*)
  cp -a builder start
  export VIRBY_IMAGE=$PWD/second
  for number in $(seq 50); do
    rm -r builder && cp -a start builder
    slain "$number" virby upgrade || break
    case $(of "$disk") in first | second) ;; *) false ;; esac
    if [ -e "$disk.previous" ]; then [ "$(of "$disk.previous")" = first ]; fi
    cp -a builder cut
    virby-prepare
    is second first
    rm -r builder && mv cut builder
    virby upgrade
    is second first
    virby rollback
    [ "$(of "$disk")$(of "$disk.previous")" = firstsecond ]
    virby-prepare
    [ "$(of "$disk")$(of "$disk.previous")" = firstsecond ]
  done
  [ "$number" -ge 6 ]
  is second first
  [ "$(sha256sum "$VIRBY_DIR"/keys/ssh_*)" = "$keys" ]
}

@test "kill -9 before each step of a rollback: the next run does it or leaves it, and it can be done again" {
  make_knife
  VIRBY_IMAGE=$PWD/second virby upgrade
  export VIRBY_IMAGE=$PWD/second
  cp -a builder start
  for number in $(seq 50); do
    rm -r builder && cp -a start builder
    slain "$number" virby rollback || break
    cp -a builder cut
    virby-prepare
    if [ "$(of "$disk")" = first ]; then is first second; else is second first; fi
    rm -r builder && mv cut builder
    # And a healing that is cut short itself.
    if [ ! -e "$disk.swap" ] && [ ! -e "$VIRBY_DIR/base.swap" ]; then continue; fi
    cp -a builder cut
    for again in $(seq 4); do
      rm -r builder && cp -a cut builder
      slain "$again" virby-upgrade --rollback || break
      virby-prepare
      if [ "$(of "$disk")" = first ]; then is first second; else is second first; fi
    done
    rm -r cut
  done
  [ "$number" -ge 10 ]
  is first second
}

# guest_sshd: a real one at $VIRBY_GUEST, which the builder's key opens.
guest_sshd() {
  local port
  port=$(shuf -i 20000-32000 -n 1)
  mkdir -p /run/sshd
  cp "$VIRBY_DIR/keys/ssh_user_ed25519_key.pub" authorized
  /usr/sbin/sshd -D -e -f /dev/null -h "$VIRBY_DIR/keys/ssh_host_ed25519_key" -o "ListenAddress=127.0.0.1:$port" \
    -o "SetEnv=NIX_LOG_DIR=$PWD/log NIX_STORE_DIR=$PWD/store" -o UsePAM=no -o StrictModes=no -o PidFile=none -o "AuthorizedKeysFile=$PWD/authorized" 2>sshd.log 3>&- &
  server=$!
  eventually 10 occurs 'Server listening' sshd.log
  sed -i 's/User builder/User root/' "$VIRBY_DIR/ssh_config"
  export VIRBY_GUEST=tcp:127.0.0.1:$port
}

@test "--settle: the system before is dropped when the guest has built since it started, and kept if not" {
  [ "$(id -u)" = 0 ] || skip 'needs root, for an sshd'
  [ -x /usr/sbin/sshd ] || skip 'needs sshd'
  VIRBY_IMAGE=$PWD/second virby upgrade
  run --separate-stderr -64 virby-upgrade --settle
  guest_sshd
  kept() {
    run --separate-stderr "-$1" virby-upgrade --settle
    [ "$output" = "" ]
    is second first
  }
  echo nobody >authorized
  kept 69
  [[ $stderr == *"virby-upgrade: the guest has not said whether it has built; the system of '$PWD/first' is kept
virby-upgrade: hint: 'virby rollback' takes it back" ]]
  cp "$VIRBY_DIR/keys/ssh_user_ed25519_key.pub" authorized
  kept 0
  [ "$stderr" = "" ]
  # Under the system before; what Nix keeps beside the store stays.
  mkdir -p log/drvs/aa store
  touch store/aaaa-hello
  touch -d "@$(($(date +%s) - $(cut -d . -f 1 /proc/uptime) - 5))" log/drvs/aa/bbbb-hello.drv.bz2
  kept 0
  # One that has failed, and others that were copied.
  touch log/drvs/aa/cccc-bad.drv.bz2 store/dddd-bad.drv store/eeee-good
  kept 0
  touch log/drvs/aa/ffff-good.drv.bz2
  run --separate-stderr -0 virby-upgrade --settle
  [ "$output" = "" ]
  [ "$stderr" = "virby-upgrade: a build has gone through the system of '$PWD/second'; the one before is dropped" ]
  is second
  [ ! -e "$VIRBY_DIR/base.previous" ]
  # Once more, and with nobody to ask.
  kill "$server"
  server=
  run --separate-stderr -0 virby-upgrade --settle
  [ "$output$stderr" = "" ]
}

#!/usr/bin/env bats
# The EXAMPLES of the pages about scripts that need no guest, as they are printed.

load helpers
load machine
load scripts
load examples

@test "virby-prepare: a builder in a folder of one's own; more room; the disk made anew" {
  make_image
  mv image nixos.img
  export HOME=$PWD VIRBY_DISK_SIZE=32MiB
  unset VIRBY_DIR
  { example virby-prepare.8 1 && example virby-prepare.8 2; } >both
  bash -euo pipefail both
  [ "$(stat -c %s builder/disk.img)" = $((200 << 30)) ]
  keys=$(sha256sum builder/keys/ssh_*)
  echo used | dd of=builder/disk.img bs=1M seek=2 conv=notrunc status=none
  { example virby-prepare.8 1 && example virby-prepare.8 3; } >again
  bash -euo pipefail again 2>errors
  [ "$(stat -c %s builder/disk.img)" = $((32 << 20)) ]
  [ "$(sha256sum builder/keys/ssh_*)" = "$keys" ]
}

@test "virby-upgrade: another image, and back" {
  export HOME=$PWD VIRBY_STORE_SIZE=1GiB VIRBY_DISK_SIZE=32MiB
  make_image
  cp image nixos-new.img
  VIRBY_IMAGE=$PWD/image virby-prepare
  run -0 --separate-stderr run_example virby-upgrade.8 1
  [ "${lines[0]}" = "the system is of '$PWD/nixos-new.img' now; 'virby rollback' takes back that of '$PWD/image'" ]
  [ "${lines[1]}" = "$PWD/nixos-new.img" ]
  [ "${lines[2]}" = "the system is of '$PWD/image' again; 'virby rollback' goes back to that of '$PWD/nixos-new.img'" ]
}

@test "virby-store: more room for the store; virby-settings: what the guest is told of the time" {
  export HOME=$PWD
  mkdir -m 700 builder
  run_example virby-store.8 1
  [ "$(stat -c %s builder/store.img)" = $((200 << 30)) ]
  [ "$(run_example virby-settings.8 1)" = "$(answer virby-settings.8 1)" ]
}

@test "virby-console: a shell on the console that vfkit names" {
  prepare
  export PATH=$REPO/Tests/standins:$PATH
  virby-boot -m 256 --control "$VIRBY_DIR/run" --console --driver vfkit builder/disk.img >events 2>errors 3>&- &
  boot=$!
  eventually 20 occurs running events
  mkfifo typed
  run_example virby-console.1 1 <typed >heard 3>&- &
  typing=$!
  exec 5>typed
  echo 'is anyone there' >&5
  eventually 10 occurs 'IS ANYONE THERE' heard
  exec 5>&-
  wait "$typing"
}

@test "virby-busy: a condition of one's own beside it" {
  example virby-busy.1 2 >settings
  mkdir bin
  printf '#!/bin/sh\n[ -e at-work ]\n' >bin/virby-busy
  chmod +x bin/virby-busy
  busy=$(VIRBY_SETTINGS=$PWD/settings bash -c 'scripts=$REPO/scripts; . "$scripts/settings"; echo "$VIRBY_BUSY"')
  [[ $busy == *'|| virby-busy' ]]
  # virby-idle asks it as the first time ends; what the second would say is not waited for.
  asked() { PATH=$PWD/bin:$PATH timeout 60 virby-idle -t 10ms --busy "$busy" --busy-limit 20ms <>events 2>errors 3>&-; }
  mkfifo events
  [ ! -e /tmp/virby-stay ] || skip "somebody has made '/tmp/virby-stay'"
  [[ $(asked) == 'idle for='* ]]
  touch at-work
  [[ $(asked) == *busy* ]]
  rm at-work
  if [ "$(id -u)" = 0 ]; then
    unshare -m sh -c 'mount -t tmpfs none /tmp && touch /tmp/virby-stay && exec sh -c "$1"' sh "$busy"
  fi
}

@test "virby-next-image: Nix builds it once, and keeps it" {
  [ "$(id -u)" = 0 ] || skip 'needs root, for a store of its own'
  type nix-store >/dev/null || skip 'needs nix'
  mkdir -p nix/store nix/var/nix
  cat >image.nix <<'END'
derivation {
  name = "image";
  system = builtins.currentSystem;
  builder = "/bin/sh";
  args = [ "-c" "echo an image >$out" ];
}
END
  example virby-next-image.8 1 >build
  cat >place <<'END'
set -e
mount --bind nix /nix
export NIX_CONFIG='sandbox = false
build-users-group =
substituters ='
bash -euo pipefail build
cat /nix/var/nix/gcroots/virby-image
nix-store --gc >/dev/null 2>&1
cat /nix/var/nix/gcroots/virby-image
bash -euo pipefail build
END
  run --separate-stderr -0 unshare -m sh place
  [ "$output" = 'an image
an image' ]
  [ "$(grep -c 'virby-next-image: the image is there' <<<"$stderr")" = 1 ]
}

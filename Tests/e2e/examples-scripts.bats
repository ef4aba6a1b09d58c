#!/usr/bin/env bats
# The EXAMPLES of the pages about scripts that need a guest, as they are printed, in a network of their own, for the pages
# name a port and an address.

load builder
load ../cli/examples

setup() {
  own_folder
  if [ "$(id -u)" != 0 ]; then skip 'needs root, for a network of its own'; fi
  export HOME=$BATS_TEST_TMPDIR VIRBY_DISK_SIZE=8GiB VIRBY_CORES=2 VIRBY_MEMORY=1GiB
  unset VIRBY_PORT
  ln -s "$VIRBY_IMAGE" nixos.img
  PATH=$PATH:$REPO/scripts
}

teardown() {
  if [ -n "${place-}" ]; then
    kill -TERM "$place" 2>/dev/null || true
    wait "$place" || true
  fi
  if [ -z "${BATS_TEST_COMPLETED-}" ]; then tail -n 40 place.said builder/log/*.log 2>/dev/null || true; fi
}

@test "a builder by hand: a login, a copy, what it can do, whether it is at work, tidy, new keys, off" {
  example virbyd.8 1 >builder-by-hand
  example virby-ssh.1 1 >version
  example virby-ssh.1 2 >copy
  example virby-prove.8 1 >prove
  example virby-busy.1 1 >busy
  example virby-close.1 1 >tidy
  example virby-rotate.8 1 >rotate
  example virby-stop.8 1 >stop
  mkdir src
  echo 'from the host' >src/file
  cat >place <<'END'
set -euo pipefail
ip link set lo up
ip addr add 192.168.64.7/32 dev lo
trap 'touch enough; pkill -TERM -x virby-idle --nslist net --ns $$ || true' EXIT
# As a service manager would, again and again.
while [ ! -e enough ]; do bash -euo pipefail builder-by-hand || true; done &
until ss -ltn | grep -q 127.0.0.1:31222; do kill -0 $!; sleep 0.1; done
export VIRBY_DIR=$HOME/builder
# example NAME: as the builder's user, who has such a folder.
example() { bash -euo pipefail "$1"; }
example version | grep -x 'nix (Nix) [0-9.]*'
example copy
[ "$(virby-ssh cat src/file)" = 'from the host' ]
# The guest is where virbyd's log says, and at the address of the pages too.
at=$(sed -n 's/.* ready at=tcp:\([^ ]*\).*/\1/p' builder/log/virbyd.log | tail -n 1)
socat TCP-LISTEN:22,bind=192.168.64.7,fork,reuseaddr "TCP:$at" &
example prove | grep -x "ssh-ng://virby-vm $(uname -m)-linux - 2 1 benchmark,big-parallel - -"
status=0
example busy || status=$?
[ "$status" = 1 ]
example tidy
[[ $(cat builder/log/closed) =~ ^[0-9]+\ [0-9]+$ ]]
before=$(cat builder/keys/ssh_user_ed25519_key.pub)
example rotate
[ "$(cat builder/keys/ssh_user_ed25519_key.pub)" != "$before" ]
virby-ssh true
touch enough
example stop
wait %1
status=0
virby-image holder builder/disk.img || status=$?
[ "$status" = 1 ]
kill %2
echo done
END
  unshare -n bash place >place.said 2>&1 3>&- &
  place=$!
  wait "$place"
  place=
  [ "$(tail -n 1 place.said)" = 'done' ]
}

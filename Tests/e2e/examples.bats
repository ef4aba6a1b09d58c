#!/usr/bin/env bats
# The EXAMPLES of the manual pages that need a guest, as they are printed. Each runs in a network of its own, for the
# pages name a port.

load builder
load ../cli/examples

setup() {
  own_folder
  if [ "$(id -u)" != 0 ]; then skip 'needs root, for a network of its own'; fi
  export HOME=$BATS_TEST_TMPDIR
  unset VIRBY_PORT
  ln -s "$VIRBY_IMAGE" nixos.img
  # So that the first question of ssh and a guest under emulation are no matter.
  mkdir bin
  printf '#!/bin/sh\nexec /usr/bin/ssh -F /dev/null -o BatchMode=yes -o IdentitiesOnly=yes -o ConnectTimeout=none "$@"\n' >bin/ssh
  chmod +x bin/ssh
  PATH=$BATS_TEST_TMPDIR/bin:$PATH
}

teardown() {
  if [ -n "${place-}" ]; then
    kill -TERM "$place" 2>/dev/null || true
    wait "$place" || true
  fi
  if [ -z "${BATS_TEST_COMPLETED-}" ]; then tail -n 40 place.said builder/*.log 2>/dev/null || true; fi
}

# same_pipeline PAGE N: it is the one of virby-boot(1), but for the space in it.
same_pipeline() {
  [ "$(example "$1" "$2" | xargs)" = "$(example virby-boot.1 3 | xargs)" ]
}

@test "a builder by hand: the pipeline, a login, the keys compared and exchanged, a log, one command" {
  # One pipeline stands on five pages.
  same_pipeline virby-forward.1 1
  same_pipeline virby-lease.1 5
  same_pipeline virby-idle.1 1
  example virby-forward.1 1 | grep -q virby-idle
  example virby-lease.1 5 | grep -q virby-idle
  example virby-idle.1 1 | grep -q virby-idle
  example virby-boot.1 3 | grep -q virby-idle

  example virby.7 1 >by-hand
  example virby.7 2 >login
  example virby-keys.1 2 >compare
  example virby-keys.1 3 >exchange
  example virby-keys.1 4 >login-with-the-set
  example virby-boot.1 3 >pipeline
  example virby-events.5 2 >logged
  example virby-events.5 3 >one-command
  cat >place <<'END'
set -euo pipefail
ip link set lo up
here=$PWD
# up FILE: the example in the background, until it listens.
up() {
  bash "$here/$1" >"$here/said.$1" 2>"$here/errors.$1" &
  until ss -ltn | grep -q 127.0.0.1:31222; do kill -0 $!; sleep 0.1; done
}
# down: the last stage ends, and the guest powers off.
down() {
  pkill -TERM -x virby-idle --nslist net --ns $$
  wait
}
up by-hand
cd builder
[ "$(echo 'echo from $(hostname)' | bash "$here/login")" != '' ]
bash "$here/compare"
[ "$(echo 'echo from $(hostname)' | bash "$here/login-with-the-set")" != '' ]
# The guest takes the next keys when it starts: the first lines of the example, then that, then the others.
head -n 2 "$here/exchange" >first
tail -n +3 "$here/exchange" >then
bash -e first
down
up pipeline
bash -e then
virby-keys check keys
down
up logged
echo exit | bash "$here/login"
down
grep -q ' ready at=' events.log
bash "$here/one-command" | grep '^nix (Nix) '
echo done
END
  unshare -n bash place >place.said 2>&1 3>&- &
  place=$!
  wait "$place"
  place=
  [ "$(tail -n 1 place.said)" = 'done' ]
}

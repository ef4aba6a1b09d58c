# A whole builder for a test: a guest, a folder, a service manager that starts virbyd on demand.
# shellcheck shell=bash

bats_require_minimum_version 1.5.0

REPO=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
scripts=$REPO/scripts
VIRBY_BIN=${VIRBY_BIN:-$REPO/.build/release}
. "$REPO/Tests/cli/helpers.bash"
. "$REPO/Tests/cli/scripts.bash"

# Seconds that anything may take under emulation, on a machine that does other things too: only what hangs takes as long.
PATIENCE=1200
# A port of its own, so that no other's is taken for it.
while [ -z "${VIRBY_PORT-}" ] || (: <>"/dev/tcp/127.0.0.1/$VIRBY_PORT") 2>/dev/null; do
  VIRBY_PORT=$((10000 + RANDOM % 22000))
done
export VIRBY_PORT
# The guest's first login is the test's.
export VIRBY_PROVE=
export VIRBY_PATIENCE=${PATIENCE}s VIRBY_STOP_TIMEOUT=300s

setup_file() {
  build_guest
}

build_guest() {
  local guest
  guest=$("$REPO/scripts/guest/build" ${VIRBY_ARCH:+--arch "$VIRBY_ARCH"})
  export VIRBY_IMAGE=$guest/disk.img VIRBY_KERNEL=$guest/vmlinuz VIRBY_INITRD=$guest/initrd
  VIRBY_CMDLINE=$(cat "$guest/cmdline")
  export VIRBY_CMDLINE
}

setup() {
  own_folder
  use_bash
  export VIRBY_DIR=$BATS_TEST_TMPDIR/virby VIRBY_TTL=10m VIRBY_DISK_SIZE=8GiB VIRBY_CORES=2 \
    VIRBY_MEMORY=1GiB VIRBY_DEBUG=yes VIRBY_ACCELERATOR=${VIRBY_ACCELERATOR-}
  . "$REPO/scripts/settings"
  export PATH VIRBY_HOST VIRBY_PORT
  log=$BATS_TEST_TMPDIR/log
  virby-prepare
}

teardown() {
  retire
  if [ -z "${BATS_TEST_COMPLETED-}" ]; then tail -n 60 "$log" "$VIRBY_DIR/log/serial.log"; fi
}

# serve: what a socket unit does. It listens, starts virbyd at the first connection, and listens again.
serve() {
  local settings=() name
  for name in $(compgen -v VIRBY_); do settings+=("$name=${!name}"); done
  (
    trap 'kill -TERM "$activation"; wait "$activation"; exit 0' TERM
    while :; do
      systemd-socket-activate -l "127.0.0.1:$VIRBY_PORT" env "${settings[@]}" "PATH=$PATH" \
        "$REPO/scripts/virbyd" &
      activation=$!
      echo "$activation" >virbyd.pid
      status=0
      wait "$activation" || status=$?
      echo "virbyd ended with status $status"
    done
  ) >>"$log" 2>&1 3>&- &
  service=$!
  eventually 10 occurs Listening "$log"
}

# retire: ends the service as a service manager would, and waits for it.
retire() {
  if [ -n "${service-}" ]; then
    kill -TERM "$service" 2>/dev/null || true
    wait "$service" || true
    service=
  fi
}

# system: what Nix calls the guest's machine.
system() {
  case ${VIRBY_ARCH-} in
    amd64) echo x86_64-linux ;;
    arm64) echo aarch64-linux ;;
    *) echo "$(uname -m)-linux" ;;
  esac
}

# build SEED [SECONDS]: Nix builds in the guest, and nowhere else; prints the output's path.
build() {
  local answer
  answer=$(NIX_SSHOPTS="-F $VIRBY_DIR/ssh_config" NIX_REMOTE="local?root=${BATS_TEST_TMPDIR-$BATS_FILE_TMPDIR}/client" \
    timeout -k 5 "$PATIENCE" nix build --extra-experimental-features nix-command \
    --no-link --json --print-build-logs --max-jobs 0 --option substituters '' --option build-users-group '' \
    --builders "ssh-ng://$VIRBY_HOST $(system) - 2 1 - -" \
    --file "$REPO/Tests/e2e/hello.nix" --argstr system "$(system)" \
    --argstr seed "$1" --argstr seconds "${2-0}") || return
  jq -r '.[0].outputs.out' <<<"$answer"
}

# built PATH SEED: the client's store holds what a guest has built for that seed.
built() {
  grep -E "^built by Linux version .*, up [0-9.]+ s, seed $2\$" "$BATS_TEST_TMPDIR/client$1"
}

guest() {
  timeout -k 5 "$PATIENCE" virby-ssh "$@"
}

# guest_root COMMAND...: as the guest's root, which a user whom its Nix trusts may become.
guest_root() {
  guest "nix-build --no-out-link --option sandbox false --option build-users-group '' --expr \
    'derivation { name = \"$RANDOM\"; system = builtins.currentSystem; builder = \"/bin/sh\"; \
      args = [ \"-c\" \"PATH=/bin:/sbin:/usr/bin; $*; : >\$out\" ]; }'"
}

# stay: a client that is there until it is told to `leave`, so that what comes between finds the same guest, however long
# that takes.
stay() {
  mkfifo stay
  guest 'echo here; cat' <stay >stayed 3>&- &
  client_that_stays=$!
  exec 6>stay
  eventually "$PATIENCE" occurs here stayed
}

leave() {
  exec 6>&-
  wait "$client_that_stays"
  rm stay
}

# banner: the guest's sshd greets through the port.
banner() {
  local line
  exec 9<>"/dev/tcp/127.0.0.1/$VIRBY_PORT"
  read -r -t "$PATIENCE" line <&9
  exec 9>&-
  [[ $line == SSH-2.0-* ]]
}

# ended N STATUS: virbyd has ended N times, the last time with that status.
ended() {
  [ "$(grep -c '^virbyd ended' "$log")" = "$1" ] &&
    [ "$(grep '^virbyd ended' "$log" | tail -n 1)" = "virbyd ended with status $2" ]
}

# nothing_left: no process has the disk, its lock is free, no socket is left.
nothing_left() {
  ! fuser -s "$VIRBY_DIR/disk.img" 2>/dev/null && flock -n "$VIRBY_DIR/disk.img.lock" true && [ ! -e "$VIRBY_DIR/run" ]
}

# pid_of COMMAND: the stage of the pipeline that serves this test's folder.
pid_of() {
  local virbyd
  virbyd=$(cat virbyd.pid)
  pgrep -x "$1" -P "$(pgrep -d , -P "$virbyd")"
}

# clean_disk: the guest's root partition has been unmounted cleanly.
clean_disk() {
  local start
  start=$(virby-image inspect --json "$VIRBY_DIR/disk.img" |
    jq '.partitions[-1].first * .sectorSize')
  e2fsck -fn "$VIRBY_DIR/disk.img?offset=$start" >fsck.log 2>&1 || {
    cat fsck.log
    return 1
  }
  ! grep -q 'recovering journal\|was not cleanly unmounted' fsck.log
}

# figure TEXT: a line of the report.
figure() {
  echo "# $*" >&3
}

now() {
  date +%s.%N
}

since() {
  awk -v from="$1" -v to="$(now)" 'BEGIN { printf "%.1f s", to - from }'
}

#!/usr/bin/env bats
# virby-boot with vfkit's stand-in: Tests/standins/machine.py tells what STANDIN makes it do.

load helpers

setup() {
  own_folder
  PATH=$REPO/Tests/standins:$PATH
  mkdir vm
  here=$(pwd -P)/vm
  truncate -s 1M vm/disk.img
  printf '\x55\xaa' | dd of=vm/disk.img bs=1 seek=510 conv=notrunc status=none
  boot=
}

teardown() {
  if [ -n "$boot" ]; then kill -KILL "$boot" 2>/dev/null || true; fi
  if [ -e events ]; then eventually 15 gone "$(driver_pid)"; fi
}

vm() {
  virby-boot --driver vfkit --mac 2:94:0:a:1:2 "$@" vm/disk.img
}

# start OPTION...: runs the machine in the background, its events in the file 'events'.
start() {
  virby-boot --driver vfkit --mac 2:94:0:a:1:2 "$@" vm/disk.img >events 2>errors 3>&- &
  boot=$!
  eventually 10 occurs starting events
}

# ends STATUS: the machine ends by itself, with that status.
ends() {
  local status=0
  wait "$boot" || status=$?
  boot=
  [ "$status" -eq "$1" ] || {
    echo "status $status: $(cat errors)" >&2
    return 1
  }
}

driver_pid() {
  sed -n 's/^starting .*pid=\([0-9]*\).*/\1/p' events
}

# events LINE...: these were told, and no others, after `starting`.
events() {
  [ "$(sed 's/pid=[0-9]*/pid=N/' events)" = "$(printf '%s\n' \
    'starting driver=vfkit pid=N mac=02:94:00:0a:01:02' "$@")" ] || {
    cat events >&2
    return 1
  }
}

# errors LINE...: stderr, whole.
errors() {
  [ "$(cat errors)" = "$(printf '%s\n' "$@")" ] || {
    cat errors >&2
    return 1
  }
}

# nothing_left: no socket, no folder, no lock.
nothing_left() {
  [ ! -e vm/.disk.img.control ]
  flock -n vm/disk.img true
}

running='running mac=02:94:00:0a:01:02'

@test "TERM: vfkit is asked over its socket, and the guest powers off" {
  start
  eventually 10 occurs running events
  [ "$(stat -c %a vm/.disk.img.control)" = 700 ]
  [ -S vm/.disk.img.control/control.sock ]
  kill -TERM "$boot"
  ends 0
  events "$running" 'stopping why=signal' 'stopped how=asked status=0'
  errors
  nothing_left
}

@test "the reader goes away: the guest powers off" {
  mkfifo pipe
  vm >pipe 2>errors 3>&- &
  boot=$!
  head -n 2 pipe >events
  ends 0
  errors
  nothing_left
}

@test "the guest powers off by itself" {
  export STANDIN='run=halts seconds=0.2'
  start
  ends 0
  events "$running" 'stopped how=guest status=0'
  errors
  nothing_left
}

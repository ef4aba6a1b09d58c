# What the tests of virby-boot with a driver's stand-in share: `load standins` after `load helpers`, and
# the driver's name in `driver`. Tests/standins/machine.py tells what STANDIN makes a stand-in do.
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # the test and `load helpers` set what is used here, and the other way round

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
  if [ -s events ]; then eventually 15 gone "$(driver_pid)"; fi
}

vm() {
  virby-boot --driver "$driver" --mac 2:94:0:a:1:2 "$@" vm/disk.img
}

# start OPTION...: runs the machine in the background, its events in the file 'events'.
start() {
  # Or else what is seen may still be those of the run before.
  rm -f events errors
  virby-boot --driver "$driver" --mac 2:94:0:a:1:2 "$@" vm/disk.img >events 2>errors 3>&- &
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

# without_pid [FILE]: event lines whose pid is N.
without_pid() {
  sed 's/pid=[0-9]*/pid=N/; s/ console=.*//' "$@"
}

# events LINE...: these were told, and no others, after `starting`.
events() {
  [ "$(without_pid events)" = "$(printf '%s\n' \
    "starting driver=$driver pid=N mac=02:94:00:0a:01:02" "$@")" ] || {
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
  flock -n vm/disk.img.lock true
}

running='running mac=02:94:00:0a:01:02'

# given_up: the driver was ended before the machine ran; one that has a way to end by SIGTERM says 0, and one that is
# stuck needs SIGKILL.
given_up() {
  [ "$(without_pid <<<"$output" | sed 's/^stopped how=killed status=1\(43\|37\)$/stopped how=killed status=0/')" = \
    "starting driver=$driver pid=N mac=02:94:00:0a:01:02
stopping why=failure
stopped how=killed status=0" ]
}

# never_up STATUS TEXT: virby-boot gives up, and the driver is ended.
never_up() {
  rm -f vm/disk.img.unclean
  run --separate-stderr "-$1" timeout 60 virby-boot --driver "$driver" --mac 2:94:0:a:1:2 \
    --start-timeout "${limit:-20s}" vm/disk.img
  given_up
  [ "${stderr#"virby-boot: warning: sending SIGKILL to '$driver'"$'\n'}" = "virby-boot: $2" ]
  gone "$(sed -n 's/.*pid=\([0-9]*\).*/\1/p' <<<"$output")"
  nothing_left
}

# forced HOW STATUS: the machine is up, gets TERM, and is stopped within four seconds, not within the minute that it has
# unless told. A busy machine may take its time.
forced() {
  start --stop-timeout 4s
  eventually 10 occurs running events
  kill -TERM "$boot"
  began=$SECONDS
  ends 69
  ((SECONDS - began < 30))
  events "$running" 'stopping why=signal' "stopped how=$1 status=$2"
  nothing_left
}

# unheard: the driver floods stderr, which nobody reads, and is stopped all the same.
unheard() {
  mkfifo pipe
  exec 7<>pipe
  export STANDIN='run=floods mebibytes=1024'
  virby-boot --driver "$driver" -q --stop-timeout 4s vm/disk.img 2>pipe >events 3>&- 7>&- &
  boot=$!
  eventually 10 occurs running events
  kill -TERM "$boot"
  ends 0
  exec 7>&-
  [ "$(tail -n 1 events)" = 'stopped how=asked status=0' ]
}

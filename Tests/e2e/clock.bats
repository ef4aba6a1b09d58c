#!/usr/bin/env bats
# The guest's clock stops with the guest, and a host that sleeps stops its guests. Here QEMU stops it, which is the
# same to the guest: its processors and timers stand still while the host's time goes on.

load builder

setup() {
  own_folder
  mkdir bin
  # With a monitor of our own beside virby-boot's.
  printf '#!/bin/sh\nexec %s "$@" -qmp unix:%s/monitor,server=on,wait=off\n' \
    "$(command -v qemu-system-x86_64)" "$PWD" >bin/qemu-system-x86_64
  chmod +x bin/qemu-system-x86_64
  PATH=$PWD/bin:$PATH
  VIRBY_ACCELERATOR=tcg
  export VIRBY_DIR=$BATS_TEST_TMPDIR/virby VIRBY_TTL=10m VIRBY_DISK_SIZE=8GiB VIRBY_CORES=2 \
    VIRBY_MEMORY=1GiB VIRBY_DEBUG=yes VIRBY_ACCELERATOR
  . "$REPO/scripts/settings"
  export PATH VIRBY_HOST VIRBY_PORT
  log=$BATS_TEST_TMPDIR/log
  virby-prepare
  serve
}

monitor() {
  [ "$(python3 "$REPO/Tests/e2e/qmp.py" monitor "$1")" = '{}' ]
}

# stopped SECONDS: the guest stands still for so long. It is the time itself that is needed here.
stopped() {
  monitor stop
  sleep "$1"
  monitor cont
}

# right SECONDS: the guest's time, told between two looks at the host's, is within two seconds of it.
right() {
  awk -v from="$1" -v told="$2" -v to="$(now)" 'BEGIN { exit !(told > from - 2 && told < to + 2) }'
}

@test "the first login after the guest stood still finds the right time" {
  before=$(guest cut -d . -f 1 /proc/uptime)
  from=$SECONDS
  stopped 20
  asked=$(now)
  answer=$(guest 'date +%s.%N; cut -d . -f 1 /proc/uptime')
  right "$asked" "${answer%%$'\n'*}"
  # It is the guest that stood still, not the test that is blind.
  [ $((SECONDS - from - (${answer##*$'\n'} - before))) -ge 15 ]
  figure "first login after 20 s of standstill: done $(since "$asked") after it began"
  asked=$(now)
  guest true
  figure "the next one: done $(since "$asked") after it began"
}

@test "without a login the clock is right again within some seconds" {
  mkfifo questions answers
  guest 'while read -r _; do date +%s.%N; done' <questions >answers 3>&- &
  exec 7>questions 8<answers
  ask
  stopped 20
  eventually 30 ask
  exec 7>&- 8<&-
}

ask() {
  local asked told
  asked=$(now)
  echo >&7
  read -r -t "$PATIENCE" told <&8
  right "$asked" "$told"
}

#!/usr/bin/env bats
# `virby-image holder`: who has a disk in use.

load helpers
load machine

teardown() {
  : >seen
  if [ -n "${boot-}" ]; then
    kill -KILL "$boot" 2>/dev/null || true
    wait "$boot" 2>/dev/null || true
  fi
}

@test "holder: nobody has it, and no lock file is made" {
  run --separate-stderr -1 virby-image holder vm/disk.img
  [ "$output$stderr" = "" ]
  [ ! -e vm/disk.img.lock ]
  # What stands in a lock that nobody holds is of no account.
  echo $$ >vm/disk.img.lock
  run --separate-stderr -1 virby-image holder vm/disk.img
  [ "$output$stderr" = "" ]
}

@test "holder: virby-boot, as long as the machine runs" {
  ln -s disk.img vm/link.img
  start
  run --separate-stderr -0 virby-image holder vm/disk.img
  [ "$output" = "$boot" ]
  [ "$stderr" = "" ]
  run -0 virby-image holder vm/link.img
  [ "$output" = "$boot" ]
  kill -TERM "$(driver_pid)"
  wait "$boot" || true
  run -1 virby-image holder vm/disk.img
}

@test "holder: one that took the lock and has ended, and something else that holds it" {
  sh -c 'echo $$ >vm/disk.img.lock'
  flock vm/disk.img.lock sleep 60 3>&- &
  eventually 5 locked vm/disk.img.lock
  run --separate-stderr -0 virby-image holder vm/disk.img
  [ "$output" = - ]
  [ "$stderr" = "" ]
  for text in '' 0 -1 1x 99999999999; do
    echo "$text" >vm/disk.img.lock
    run -0 virby-image holder vm/disk.img
    [ "$output" = - ]
  done
  pkill -KILL -P "$!"
}

@test "holder: while someone looks, a machine starts all the same" {
  # Not for ever, whatever becomes of this test.
  while [ ! -e seen ]; do virby-image holder vm/disk.img >>holders || true; done 3>&- &
  looking=$!
  for _ in 1 2 3; do
    start
    kill -KILL "$(driver_pid)"
    wait "$boot" || true
    [ "$(grep -c 'in use' errors)" = 0 ]
  done
  : >seen
  wait "$looking"
}

@test "holder: a disk that is not there" {
  run --separate-stderr -71 virby-image holder missing.img
  [ "$output" = "" ]
  [ "$stderr" = "virby-image: cannot open 'missing.img': No such file or directory" ]
}

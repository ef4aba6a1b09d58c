#!/usr/bin/env bats
# A whole builder on a real Mac, from virby-install to virby-uninstall: launchd, the driver, the guest of a release,
# Nix. The tests are one after another of one builder's life. Needs macOS, root and Nix; scripts/ci/mac-builder runs it.

load ../cli/helpers
load builder

setup_file() {
  able >/dev/null || return 0
  before=$(tree)
  export before
  install_builder
}

setup() {
  local lack
  lack=$(able) || skip "$lack"
  own_folder
}

teardown() {
  if [ -z "${BATS_TEST_COMPLETED-}" ]; then tail -n 60 "$log" "$builder/log/serial.log" 2>/dev/null || true; fi
}

teardown_file() {
  if [ -e /etc/virby/virby-vm.manifest ]; then "$REPO/scripts/virby-uninstall" --yes >&2 || true; fi
}

@test "installed: the job listens, nothing runs, ssh and Nix know the builder; installing again does nothing" {
  launchctl print "system/$label" | grep -q 'state = not running'
  lsof -nP -iTCP:31222 -sTCP:LISTEN | grep -q 127.0.0.1:31222
  [ "$(ssh -G virby-vm | sed -n 's/^port //p')" = 31222 ]
  grep -q '^ssh-ng://virby-vm ' /etc/nix/machines
  [ "$(command stat -f '%Su %Lp' "$builder")" = '_virby 700' ]
  off
  install_builder >again
  [ "$(head -n 1 again)" = 'nothing to do' ]
}

@test "nix build: a machine that was off builds, and then one that is on" {
  built "$(build cold)" cold
  launchctl print "system/$label" | grep -q 'state = running'
  built "$(build warm)" warm
}

@test "a login, by the same way, finds the guest's clock right" {
  told=$(ssh virby-vm date +%s)
  here=$(date +%s)
  [ $((told - here)) -ge -5 ]
  [ $((told - here)) -le 5 ]
}

@test "idle: the guest powers off by itself, its memory is given back, the port stays open" {
  built "$(build before-idle)" before-idle
  eventually 120 off
  occurs 'idle for=' "$log"
  occurs 'stopped how=asked status=0' "$log"
  run ! pgrep -f "$builder/disk.img"
  lsof -nP -iTCP:31222 -sTCP:LISTEN | grep -q 127.0.0.1:31222
}

@test "the store is still there after the machine was off" {
  ssh virby-vm 'echo kept >file; sync'
  eventually 180 off
  [ "$(ssh virby-vm cat file)" = kept ]
}

@test "kill -9 of each stage: the others end, the next client gets a new machine" {
  [ -n "$MAC_ENDS" ] || skip 'one kind of machine is enough'
  for stage in virby-boot virby-lease virby-forward virby-idle; do
    ssh virby-vm true
    pkill -KILL -x "$stage"
    eventually 120 off
    echo "$stage was killed"
  done
  built "$(build after-kills)" after-kills
}

@test "kill -9 of the driver: the disk is not lost" {
  [ -n "$MAC_ENDS" ] || skip 'one kind of machine is enough'
  ssh virby-vm 'echo kept >file; sync'
  pkill -KILL -f "$driver .*$builder/disk.img"
  eventually 120 off
  [ "$(ssh virby-vm cat file)" = kept ]
}

@test "bootout while it builds: the client is told, the guest powered off cleanly; bootstrap, and it builds" {
  [ -n "$MAC_ENDS" ] || skip 'one kind of machine is enough'
  build long 600 >out 2>err 3>&- &
  client=$!
  eventually "$patience" eval 'ssh virby-vm pgrep -G nixbld >/dev/null'
  launchctl bootout "system/$label" || true
  eventually 120 forgotten
  run ! wait "$client"
  [ ! -s out ]
  [ "$(grep -c 'stopped how=asked status=0' "$log")" -ge 1 ]
  [ ! -e "$builder/disk.img.unclean" ]
  launchctl bootstrap system "$job"
  built "$(build after-bootout)" after-bootout
}

@test "cold starts, timed" {
  [ -n "$MAC_FIGURES" ] || skip 'no figures are asked for'
  for run in 1 2 3 4 5; do
    eventually 300 off
    began=$(date +%s.%N)
    banner
    greeted=$(date +%s.%N)
    built "$(build "timed-$run")" "timed-$run"
    figure "$run" "$began" "$greeted" "$(date +%s.%N)"
  done
  report
}

@test "uninstalled: no user, no job, no file is left, and what was there before is as it was" {
  "$REPO/scripts/virby-uninstall" --yes
  forgotten
  run ! dscl . -read /Users/_virby
  run ! dscl . -read /Groups/virby
  run ! lsof -nP -iTCP:31222 -sTCP:LISTEN
  diff <(echo "$before") <(tree)
}

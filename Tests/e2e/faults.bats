#!/usr/bin/env bats
# The pipeline under faults: TERM and KILL to each stage in each phase, and what can befall the guest. Each
# trial is a row of docs/faults.md, and has to end as that says; `scripts/faults` writes it anew.
#
# All of them take half an hour. Unless VIRBY_FAULTS is `all`, of each phase only a sample is tried, TERM to the
# first stage and KILL to the last, and the next start only after what may harm the guest.

load builder
load laboratory

setup_file() {
  build_guest
  make_laboratory
  virby-prepare
  files >"$LAB/files"
  cp --sparse=always "$VIRBY_DIR/disk.img" "$LAB/new.img"
  start
  connect
  guest 'echo kept >file; sync'
  # Without a look at /dev/kvm in each trial.
  if occurs 'accelerator tcg' "$LAB/log"; then export VIRBY_ACCELERATOR=tcg; fi
  build warm >/dev/null
  keep up
  # A guest that takes seconds over its power-off.
  guest_root 'sed -i \"s/^exec/sleep 5; exec/\" /etc/acpi/PWRF/00000080'
  keep slow
  guest_root 'sed -i \"s/^sleep 5; //\" /etc/acpi/PWRF/00000080'
  # A guest whose sshd stands still: whoever connects is held.
  guest_root pkill -STOP -o -x sshd
  keep mute
  # And one without a network, for QEMU's own cannot be exchanged for a tap device.
  qmp netdev_del id=net >/dev/null
  keep alone
  halt
  make_network
}

teardown_file() {
  halt
  if [ -e "/run/netns/$NETWORK" ]; then ip netns delete "$NETWORK"; fi
}

setup() {
  own_folder
  inside=() wrong=0
  scripts=$LAB/scripts
  . "$LAB/scripts/settings"
}

teardown() {
  halt
  if mountpoint -q "$VIRBY_DIR"; then
    umount "$VIRBY_DIR"
    rm -r "$VIRBY_DIR"
    mv "$VIRBY_DIR.aside" "$VIRBY_DIR"
  fi
}

# The phases: each begins a run of virbyd with a client and returns when the phase has been reached.

starting() { # the driver is not up yet
  BEFORE='echo kept >file'
  cp --sparse=always "$LAB/new.img" "$VIRBY_DIR/disk.img"
  touch "$LAB/hold"
  start
  connect
  eventually 60 occurs 'starting driver' "$LAB/log"
}

waiting_for_a_lease() { # the guest has no address yet
  inside=(ip netns exec "$NETWORK")
  export VIRBY_TAP=tap0 VIRBY_LEASES=$LAB/leases
  start alone
  connect
  eventually 60 occurs 'virby-lease: waiting' "$LAB/log"
  eventually 60 occurs 'driver: resume' "$LAB/log"
}

held_clients() { # a client is connected, the guest's sshd is not up yet
  export VIRBY_PATIENCE=10s
  start mute
  connect
  eventually 60 occurs 'open id=1' "$LAB/log"
  eventually 60 occurs 'driver: resume' "$LAB/log"
}

mid_build() { # nix build in the guest
  start up
  kind=nix
  build "$RANDOM" 15 >"$LAB/client" 2>&1 3>&- &
  client=$!
  eventually 60 occurs '> building' "$LAB/client"
}

closing() { # the closing command of virby-idle runs
  export VIRBY_TTL=1s VIRBY_CLOSE="touch $LAB/is-closing; exec sleep 600"
  start up
  banner
  eventually 60 [ -e "$LAB/is-closing" ]
}

stopping() { # the guest shuts down, a client is connected
  start slow
  connect
  eventually 60 occurs 'ready at' "$LAB/log"
  kill -TERM "$(session)"
  eventually 60 occurs 'asking the guest to power off' "$LAB/log"
}

# The faults: TERM_to_boot and so on, and what is further below.
for name in boot lease forward idle; do
  for signal in TERM KILL; do
    eval "${signal}_to_$name() { kill -$signal \"\$(stage $name)\"; }"
  done
done

# every PHASE: its trials, TERM and KILL to each stage.
every() {
  local signal name
  for name in boot lease forward idle; do
    for signal in TERM KILL; do
      case ${VIRBY_FAULTS-},$signal,$name in
        all,* | *,TERM,boot | *,KILL,idle) trial "$1" "${signal}_to_$name" ;;
      esac
    done
  done
  [ "$wrong" = 0 ]
}

only() {
  trial "$@"
  [ "$wrong" = 0 ]
}

@test "starting" { every starting; }
@test "waiting for a lease" { every waiting_for_a_lease; }
@test "held clients" { every held_clients; }
@test "mid-build" { every mid_build; }
@test "closing" { every closing; }
@test "stopping" { every stopping; }
@test "mid-build, TERM to all stages at once" { only mid_build TERM_to_all_at_once next; }

# What can befall the guest.

up() { # a client is connected
  start up
  connect
  eventually 60 occurs 'ready at' "$LAB/log"
}

logged_in() { # a client that wants to hear from the guest every second
  export VIRBY_TTL=1s
  start up
  kind=ssh
  guest -o ServerAliveInterval=1 'echo here; exec sleep 600' >"$LAB/client" 2>/dev/null 3>&- &
  client=$!
  eventually 60 occurs here "$LAB/client"
}

# has_run_for SECONDS: the driver.
has_run_for() {
  [ "$(ps -o etimes= -p "$(sed -n 's/.*starting driver=.* pid=\([0-9]*\) .*/\1/p' "$LAB/log" "$LAB/manager" | tail -n 1)")" -ge "$1" ]
}

TERM_to_all_at_once() { kill -TERM -- "-$(session)"; }
the_guest_powers_itself_off() { guest_root poweroff >/dev/null 2>&1 || true; }
the_guest_panics() {
  # Sooner it would be a guest that cannot run.
  eventually 20 has_run_for 11
  began=$EPOCHREALTIME
  guest_root 'echo c >/proc/sysrq-trigger' >/dev/null 2>&1 || true
}
the_guest_freezes() { qmp stop >/dev/null; }
the_guest_freezes,_then_TERM() {
  qmp stop >/dev/null
  kill -TERM "$(session)"
}

the_disk_fills_in_the_guest,_then_TERM() {
  guest 'fallocate -l "$(df -B1 --output=avail / | tail -n 1)" big; cat /dev/zero >rest; sync' 2>/dev/null || true
  # What Nix says of it varies.
  run ! build "$RANDOM"
  began=$EPOCHREALTIME
  kill -TERM "$(session)"
}

the_disk_fills_on_the_host,_then_TERM() {
  guest 'head -c 400M /dev/urandom >big; sync' >/dev/null 2>&1 3>&- &
  eventually 60 occurs "the guest's disk is failing, and the guest may be waiting for it: No space left on device" "$LAB/log"
  began=$EPOCHREALTIME
  kill -TERM "$(session)"
}

@test "the guest powers itself off" { only up the_guest_powers_itself_off; }
@test "the guest panics" { only up the_guest_panics next; }
@test "the guest freezes" {
  if [ "${VIRBY_FAULTS-}" != all ]; then skip 'takes two minutes: scripts/faults'; fi
  only logged_in the_guest_freezes next
}
@test "the guest freezes, then TERM" { only up the_guest_freezes,_then_TERM; }

@test "the disk fills in the guest" {
  BEFORE='rm big rest'
  only up the_disk_fills_in_the_guest,_then_TERM next
}

@test "the disk fills on the host" {
  cp --sparse=always "$LAB/up.img" "$VIRBY_DIR/disk.img"
  mv "$VIRBY_DIR" "$VIRBY_DIR.aside"
  mkdir "$VIRBY_DIR"
  mount -t tmpfs -o size="$(($(du -k "$LAB/up.img" | cut -f 1) + 100000))k,mode=700" none "$VIRBY_DIR"
  cp -a --sparse=always "$VIRBY_DIR.aside/." "$VIRBY_DIR"
  export VIRBY_STOP_TIMEOUT=20s # it cannot power off
  MEND="mount -o remount,size=4g $VIRBY_DIR"
  only up the_disk_fills_on_the_host,_then_TERM next
}

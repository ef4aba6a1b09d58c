#!/usr/bin/env bats
# The pipeline under faults: TERM and KILL to each stage in each phase, and what can befall the guest. Each
# trial is a row of docs/faults.md, and has to end as that says; `scripts/faults` writes it anew.

load builder
load laboratory

setup_file() {
  build_guest
  make_laboratory
  virby-prepare
  files >"$LAB/files"
  start
  connect
  guest 'echo kept >file; sync'
  build warm >/dev/null
  keep up
  # A guest that takes seconds over its power-off.
  guest 'setsid sh -c "trap : TERM HUP; while :; do sleep 1; done" </dev/null >/dev/null 2>&1 &'
  keep slow
  # A guest without sshd: whoever connects is held.
  guest_root systemctl stop ssh.service
  keep mute
  halt
  make_network
}

teardown_file() {
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
}

# The phases: each begins a run of virbyd with a client and returns when the phase has been reached.

starting() { # the driver is not up yet
  touch "$LAB/hold"
  start
  connect
  eventually 20 occurs 'starting driver' "$LAB/log"
}

lease() { # the guest has no address yet
  inside=(ip netns exec "$NETWORK")
  export VIRBY_TAP=tap0 VIRBY_LEASES=$LAB/leases
  start up
  connect
  eventually 20 occurs 'virby-lease: waiting' "$LAB/log"
  eventually 20 occurs 'driver: resume' "$LAB/log"
}

held() { # a client is connected, the guest's sshd is not up yet
  start mute
  connect
  eventually 20 occurs 'open id=1' "$LAB/log"
  eventually 20 occurs 'driver: resume' "$LAB/log"
}

building() { # nix build in the guest
  start up
  build "$RANDOM" 600 >"$LAB/client" 2>&1 3>&- &
  client=$!
  eventually 60 occurs '> building' "$LAB/client"
}

closing() { # the closing command of virby-idle runs
  touch "$LAB/closing"
  export VIRBY_TTL=1s
  start up
  banner
  eventually 60 [ -e "$LAB/is-closing" ]
}

stopping() { # the guest shuts down, a client is connected
  start slow
  connect
  eventually 20 occurs 'ready at' "$LAB/log"
  kill -TERM "$(session)"
  eventually 10 occurs 'asking the guest to power off' "$LAB/log"
}

@test "starting" { every starting; }
@test "waiting for a lease" { every lease; }
@test "held clients" { every held; }
@test "mid-build" { every building; }
@test "closing" { every closing; }
@test "stopping" { every stopping; }

#!/usr/bin/env bats
# Real DHCP: a network of our own with a tap device and dnsmasq, as vmnet and bootpd are on macOS.

load builder

setup() {
  if [ "$(id -u)" != 0 ]; then skip 'needs root to make a network namespace'; fi
  own_folder
  network=virby-$$
  export VIRBY_DIR=$BATS_TEST_TMPDIR/virby VIRBY_TTL=5s VIRBY_DISK_SIZE=8GiB VIRBY_CORES=2 \
    VIRBY_MEMORY=1GiB VIRBY_DEBUG=yes VIRBY_TAP=tap0 VIRBY_LEASES=$BATS_TEST_TMPDIR/leases
  . "$REPO/scripts/settings"
  export PATH VIRBY_HOST VIRBY_PORT
  log=$BATS_TEST_TMPDIR/log
  virby-prepare
  make_network
}

guest() {
  inside timeout -k 5 "$PATIENCE" virby-ssh "$@"
}

teardown() {
  for pid in ${virbyd-} ${dnsmasq-}; do kill -TERM "$pid" 2>/dev/null || true; done
  if [ -n "${virbyd-}" ]; then wait "$virbyd" || true; fi
  if [ -n "${network-}" ]; then ip netns delete "$network" || true; fi
  if [ -z "${BATS_TEST_COMPLETED-}" ]; then tail -n 60 "$log" "$VIRBY_DIR/log/serial.log"; fi
}

inside() {
  ip netns exec "$network" "$@"
}

make_network() {
  ip netns add "$network"
  inside ip link set lo up
  inside ip link add bridge100 type bridge
  inside ip address add 192.168.64.1/24 dev bridge100
  inside ip link set bridge100 up
  inside ip tuntap add mode tap tap0
  inside ip link set tap0 master bridge100 up
}

# answer FIRST LAST: a DHCP server that gives addresses of 192.168.64 between these, and knows of no others.
answer() {
  rm -f "$VIRBY_LEASES"
  # Not by the function, whose shell would be the process that is ended.
  ip netns exec "$network" dnsmasq --keep-in-foreground --conf-file=/dev/null --port=0 --bind-interfaces \
    --interface=bridge100 --dhcp-range="192.168.64.$1,192.168.64.$2,1h" --dhcp-authoritative \
    --dhcp-leasefile="$VIRBY_LEASES" --log-facility="$BATS_TEST_TMPDIR/dnsmasq.log" 3>&- &
  dnsmasq=$!
}

@test "virby-lease finds the guest that dnsmasq gave an address" {
  answer 2 254
  ip netns exec "$network" "$REPO/scripts/virbyd" </dev/null >"$log" 2>&1 3>&- &
  virbyd=$!
  eventually 10 occurs listening "$log"
  run -0 guest hostname
  [ "$output" = virby ]

  mac=$(sed -n 's/^running mac=\([0-9a-f:]*\)$/\1/p' "$log")
  address=$(inside virby-lease -f "$VIRBY_LEASES" "$mac")
  [[ $address == 192.168.64.* ]]
  grep -E "^lease mac=$mac address=$address" "$log"
  occurs "ready at=tcp:$address:22" "$log"

  status=0
  wait "$virbyd" || status=$?
  virbyd=
  [ "$status" = 0 ]
  occurs 'stopped how=asked status=0' "$log"
  nothing_left
}

# asked TIMES: the guest has asked for an address so many times.
asked() {
  [ "$(grep -c 'broadcasting discover' "$VIRBY_DIR/log/serial.log")" -ge "$1" ]
}

@test "a DHCP server that comes late, and one that gives another address later" {
  export VIRBY_TTL=10m
  ip netns exec "$network" "$REPO/scripts/virbyd" </dev/null >"$log" 2>&1 3>&- &
  virbyd=$!
  eventually 10 occurs listening "$log"
  guest hostname >name 3>&- &
  client=$!
  eventually "$PATIENCE" asked 12
  answer 2 99
  wait "$client"
  [ "$(cat name)" = virby ]
  # Whoever asks is answered by a stranger.
  kill -TERM "$dnsmasq"
  wait "$dnsmasq" || true
  answer 100 199
  guest_root 'pkill -USR1 -x udhcpc' >/dev/null 2>&1 3>&- &
  eventually "$PATIENCE" grep -q ' 192\.168\.64\.1[0-9][0-9] ' "$VIRBY_LEASES"
  address=$(awk '{ print $3 }' "$VIRBY_LEASES")
  figure "the second address: $address"
  run -0 inside timeout -k 5 "$PATIENCE" bash -c "until { exec 9<>/dev/tcp/$address/22; } 2>/dev/null; do :; done; head -c 8 <&9"
  [ "$output" = SSH-2.0- ]

  kill -TERM "$virbyd"
  status=0
  wait "$virbyd" || status=$?
  virbyd=
  [ "$status" = 0 ]
  occurs 'stopped how=asked status=0' "$log"
  clean_disk
}

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
  # Not by the function, whose shell would be the process that is ended.
  ip netns exec "$network" dnsmasq --keep-in-foreground --conf-file=/dev/null --port=0 --bind-interfaces \
    --interface=bridge100 --dhcp-range=192.168.64.2,192.168.64.254,1h \
    --dhcp-leasefile="$VIRBY_LEASES" --log-facility="$BATS_TEST_TMPDIR/dnsmasq.log" 3>&- &
  dnsmasq=$!
}

@test "virby-lease finds the guest that dnsmasq gave an address" {
  ip netns exec "$network" "$REPO/scripts/virbyd" </dev/null >"$log" 2>&1 3>&- &
  virbyd=$!
  eventually 10 occurs listening "$log"
  run -0 inside timeout -k 5 "$PATIENCE" virby-ssh hostname
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

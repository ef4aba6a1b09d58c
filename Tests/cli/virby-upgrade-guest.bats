#!/usr/bin/env bats
# virbyd lets the system before go when the guest has built. The pipeline is real, and vfkit its stand-in; the guest is a
# network namespace with a real sshd, in which Nix is what it leaves behind.

load helpers
load scripts

setup() {
  [ "$(id -u)" = 0 ] || skip 'needs root to make network namespaces'
  [ -x /usr/sbin/sshd ] || skip 'needs sshd'
  own_folder
  use_bash
  chmod 711 . "$BATS_TEST_TMPDIR" "$BATS_RUN_TMPDIR" "$BATS_FILE_TMPDIR"
  PATH=$REPO/Tests/standins:$PATH:$REPO/scripts
  export VIRBY_DIR=$PWD/builder VIRBY_DRIVER=vfkit VIRBY_LEASES=$PWD/leases VIRBY_CORES=1 VIRBY_MEMORY=256MiB \
    VIRBY_STORE_SIZE=1GiB VIRBY_PROVE='' VIRBY_BUSY='' VIRBY_CLOSE='' VIRBY_STOP_TIMEOUT=20s
  host=virby-host-$$ guest=virby-guest-$$
  ip netns add "$host"
  ip netns add "$guest"
  ip -n "$host" link set lo up
  ip -n "$guest" link set lo up
  ip -n "$host" link add bridge100 type veth peer name eth0 netns "$guest"
  ip -n "$host" address add 192.168.64.1/24 dev bridge100
  ip -n "$guest" address add 192.168.64.7/24 dev eth0
  ip -n "$host" link set bridge100 up
  ip -n "$guest" link set eth0 up
}

teardown() {
  for pid in ${daemon-} ${server-}; do kill -TERM "$pid" 2>/dev/null || true; done
  wait
  for name in ${host-} ${guest-}; do ip netns delete "$name" 2>/dev/null || true; done
  if [ -z "${BATS_TEST_COMPLETED-}" ]; then tail -n 30 said sshd.log; fi
}

# serve: virbyd, and the guest's sshd, which it finds by its lease.
serve() {
  local client
  client=1,$(driver_words builder/disk.img | sed -n 's/.*mac=//p')
  printf '{\n\tip_address=192.168.64.7\n\thw_address=%s\n\tidentifier=%s\n\tlease=0x%x\n}\n' "$client" "$client" \
    "$(($(date +%s) + 3600))" >leases
  mkdir -p /run/sshd etc log/drvs/aa store
  { grep -v '^builder:' /etc/passwd && echo "builder:x:1999:1999::/tmp:/bin/sh"; } >etc/passwd
  cp builder/keys/ssh_host_ed25519_key builder/keys/ssh_user_ed25519_key.pub etc
  ip netns exec "$guest" sh -c 'mount --bind etc/passwd /etc/passwd && exec "$@"' - /usr/sbin/sshd -D -e -f /dev/null \
    -o ListenAddress=192.168.64.7:22 -o "HostKey=$PWD/etc/ssh_host_ed25519_key" -o "AuthorizedKeysFile=$PWD/etc/ssh_user_ed25519_key.pub" \
    -o "SetEnv=NIX_LOG_DIR=$PWD/log NIX_STORE_DIR=$PWD/store" -o PidFile=none -o UsePAM=no -o StrictModes=no >sshd.log 2>&1 3>&- &
  server=$!
  ip netns exec "$host" "$REPO/scripts/virbyd" >said 2>&1 3>&- &
  daemon=$!
  eventually 30 occurs 'listening at=' said
}

# left N: so many have logged in to the guest, and have gone.
left() {
  [ "$(grep -c '^Disconnected from user builder' sshd.log)" = "$1" ]
}

@test "a client that has come for no build leaves it there; after a build, or what Nix leaves of one, it goes" {
  make_image
  cp image second
  export VIRBY_IMAGE=$PWD/image VIRBY_DISK_SIZE=32MiB
  virby-prepare
  export VIRBY_IMAGE=$PWD/second
  virby upgrade
  serve
  ip netns exec "$host" virby-ssh true
  # That client, and virbyd behind it.
  eventually 30 left 2
  [ -e builder/disk.img.previous ]
  touch log/drvs/aa/aaaa-hello.drv.bz2 store/bbbb-hello
  ip netns exec "$host" virby-ssh true
  eventually 30 test ! -e builder/base.previous
  [ ! -e builder/disk.img.previous ]
  eventually 10 occurs "virby-upgrade: a build has gone through the system of '$PWD/second'; the one before is dropped" said
  # Then nobody is asked any more.
  eventually 30 left 4
  ip netns exec "$host" virby-ssh true
  kill -TERM "$daemon"
  wait "$daemon"
  daemon=
  left 5
}

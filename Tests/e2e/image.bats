#!/usr/bin/env bats
# What virby-image makes, as a real guest finds it: its kernel has nothing to say about the partition
# table, and its root file system fills the disk.

load builder

setup_file() {
  build_guest
  # Whoever logs in may read the kernel's log.
  VIRBY_CMDLINE="$VIRBY_CMDLINE sysctl.kernel.dmesg_restrict=0"
}

teardown() {
  if [ -n "${forward-}" ]; then kill -TERM "$forward" || true; fi
  retire
  if [ -z "${BATS_TEST_COMPLETED-}" ]; then tail -n 60 "$log" "$VIRBY_DIR/log/serial.log"; fi
}

# grown BYTES: the root file system fills a disk of that size, but for what the file system itself and
# the partition before it need.
grown() {
  local size
  size=$(guest df -B1 --output=size / | tail -n 1)
  figure "a disk of $1 bytes, a root of $((size)) bytes"
  [ "$size" -gt $(($1 * 93 / 100)) ] && [ "$size" -lt "$1" ]
}

# untroubled: the guest's kernel has seen the table, and has nothing to say about it.
untroubled() {
  guest cat /proc/partitions >partitions
  grep -q 'vda2$' partitions
  guest dmesg >dmesg
  grep -q 'Linux version' dmesg
  [ "$(grep -ic gpt dmesg)" = 0 ]
}

# off: the guest is powered off cleanly and the service gone.
off() {
  kill -TERM "$(cat virbyd.pid)"
  eventually 60 ended "$1" 0
  retire
  clean_disk
  sgdisk -v "$VIRBY_DIR/disk.img" >sgdisk.log
  grep -q '^No problems found' sgdisk.log
}

@test "a grown disk: no GPT line in the guest's kernel log, its root has the space, its data is there" {
  serve
  untroubled
  grown $((8 << 30))
  guest 'head -c 4M /dev/urandom | tee data | sha256sum && sync' >before
  off 1

  virby-image grow -s 12GiB "$VIRBY_DIR/disk.img"
  [ "$(virby-image inspect --json "$VIRBY_DIR/disk.img" | jq -c '[.primary.state, .backup.state]')" = \
    '["good","good"]' ]
  export VIRBY_DISK_SIZE=12GiB
  serve
  untroubled
  grown $((12 << 30))
  guest 'sha256sum <data' >after
  cmp before after
  off 2

  # With the partition grown from outside.
  virby-image grow -s 16GiB --grow-partition "$VIRBY_DIR/disk.img"
  export VIRBY_DISK_SIZE=16GiB
  serve
  untroubled
  grown $((16 << 30))
  off 3
}

@test "a disk that was only truncated to be larger: there that kernel does say so" {
  truncate -s 9G "$VIRBY_DIR/disk.img"
  # By hand, for virbyd would mend the disk.
  virby-boot ${VIRBY_ACCELERATOR:+--accelerator "$VIRBY_ACCELERATOR"} -m 1GiB --kernel "$VIRBY_KERNEL" \
    --initrd "$VIRBY_INITRD" --cmdline "$VIRBY_CMDLINE" --keys "$VIRBY_DIR/keys" "$VIRBY_DIR/disk.img" \
    2>errors 3>&- | virby-lease 3>&- | virby-forward -l "127.0.0.1:$VIRBY_PORT" >"$log" 3>&- &
  forward=$!
  eventually 10 occurs listening "$log"
  guest dmesg >dmesg
  kill -TERM "$forward"
  wait "$forward"
  eventually 60 nothing_left
  forward=
  grep 'GPT:Primary header thinks Alt. header is not at the end of the disk' dmesg
}

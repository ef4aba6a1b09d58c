#!/usr/bin/env bats
# Pipelines that never get as far as a login: bounded, one clear line, nothing left.

load builder

@test "a guest that never answers: the client is turned away when patience ends" {
  # The kernel's first program ends at once, and the kernel, told not to reboot, hangs for ever.
  export VIRBY_CMDLINE="$VIRBY_CMDLINE rdinit=/bin/busybox panic=0" VIRBY_PATIENCE=10s VIRBY_TTL=2s \
    VIRBY_STOP_TIMEOUT=4s
  serve
  run -255 guest true
  eventually 60 ended 1 69
  nothing_left
}

@test "a guest that ends before it answers: the client is told, the status says so" {
  export VIRBY_CMDLINE="$VIRBY_CMDLINE rdinit=/bin/busybox panic=-1"
  serve
  run -255 guest true
  eventually 60 ended 1 69
  occurs 'virby-forward: the VM ended before its server was ready' "$log"
  nothing_left
}

# no_builder REASON: the guest says it, virby-boot passes it on, and the client is told.
no_builder() {
  serve
  run -255 guest true
  eventually 60 ended 1 69
  occurs "virby-boot: warning: the guest says: $1" "$log"
  nothing_left
  retire
}

@test "a root that cannot be written, or is not there: told, and there is no login" {
  start=$(virby-image inspect --json "$VIRBY_DIR/disk.img" | jq '.partitions[-1].first * .sectorSize')
  tune2fs -O read-only "$VIRBY_DIR/disk.img?offset=$start"
  no_builder "cannot mount the partition 'root' for writing: there is no builder without it"

  VIRBY_CMDLINE=${VIRBY_CMDLINE/root=PARTLABEL=root/root=PARTLABEL=nothing}
  rm "$log"
  no_builder "cannot mount the partition 'nothing' for writing: there is no builder without it"
}

@test "a port that is taken: told, and the VM that had begun to boot is powered off cleanly" {
  serve
  run --separate-stderr -71 "$REPO/scripts/virbyd" </dev/null
  [[ $stderr == *"virby-forward: cannot listen on '127.0.0.1:$VIRBY_PORT': Address already in use"* ]]
  [[ $stderr == *"virby-boot: stopped how=asked status=0"* ]]
  nothing_left
}

@test "no disk and no image: clients are turned away, the service does not start over and over" {
  rm -r "$VIRBY_DIR"
  unset VIRBY_IMAGE
  serve
  run -255 ssh -o BatchMode=yes -o StrictHostKeyChecking=no -p "$VIRBY_PORT" 127.0.0.1
  eventually 10 ended 1 64
  occurs "virby-prepare: there is no disk in '$VIRBY_DIR' yet" "$log"
}

#!/usr/bin/env bats
# What a power cut may leave behind in the guest.

load builder

@test "Nix's schema is empty after a power cut in the first minute: the next start builds, and the store is as it was" {
  VIRBY_TTL=2s
  serve
  path=$(build one)
  built "$path" one
  eventually 60 ended 1 0
  start=$(virby-image inspect --json "$VIRBY_DIR/disk.img" | jq '.partitions[-1].first * .sectorSize')
  mkdir root
  mount -o "loop,offset=$start" "$VIRBY_DIR/disk.img" root
  [ -s root/nix/var/nix/db/schema ]
  : >root/nix/var/nix/db/schema
  umount root
  stay
  built "$(build two)" two
  guest "nix-store --check-validity $path"
  leave
}

#!/usr/bin/env bats
# services.virby on a pretended Mac, from a switch to a build in a guest and back.

load ../e2e/builder
load helpers
load switch
load ../mac/rig
load ../mac/virtualization

setup_file() {
  if [ "$(id -u)" != 0 ]; then skip 'needs root to make a Mac'; fi
  VIRBY_ARCH=arm64 build_guest
  export TOOLBOX=/nix/store/00000000000000000000000000000000-virby
  VIRBY_SETTINGS='' "$REPO/scripts/install" --prefix "$TOOLBOX" --destdir "$BATS_FILE_TMPDIR"
}

setup() {
  cd "$BATS_TEST_TMPDIR" || return
  PATH=$PATH:/usr/sbin:/sbin
  mac_setup
  mac_virtualization arm64
  cp -R "$BATS_FILE_TMPDIR$TOOLBOX" "$MAC/root$TOOLBOX"
  for command in boot lease; do ln -sf "/.rig/bin/virby-$command" "$MAC/root$TOOLBOX/libexec/virby/virby-$command"; done
  vfkit=$MAC/root${TOOLBOX%virby}vfkit/bin/vfkit
  mkdir -p "${vfkit%/*}" "$MAC/root/images" "$MAC/root/private/var/run"
  [ -e "$MAC/root/run" ] || ln -s private/var/run "$MAC/root/run"
  printf '#!/bin/sh\nexec /usr/local/bin/vfkit "$@"\n' >"$vfkit"
  chmod +x "$vfkit"
  cp --sparse=always "$VIRBY_IMAGE" "$MAC/root/images/disk.img"
  log=$MAC/root/private/var/lib/virby/log/virbyd.log
}

teardown() {
  if [ -z "${BATS_TEST_COMPLETED-}" ]; then
    grep -v ' trying ' "$log" | tail -n 40 || true
    tail -n 20 "$MAC/root/private/var/lib/virby/log/serial.log" "$MAC/virtualization" "$MAC/log" || true
  fi
  mac_teardown
}

@test "switched on, Nix builds for aarch64-linux in a guest with a store of its own; switched off, nothing runs" {
  switch "$(enabled 'onDemand.enable = true; cores = 2; memory = "1GiB"; diskSize = "8GiB";')"
  run -1 mac_machines
  began=$(now)
  mac_as admin nix build --extra-experimental-features nix-command --no-link --json --print-build-logs --max-jobs 0 \
    --option substituters '' --file "$REPO/Tests/e2e/hello.nix" --argstr system aarch64-linux --argstr seed module >answer
  figure "services.virby, arm64 by firmware: nix build done $(since "$began") after it was asked for"
  grep '^built by Linux version .*, seed module$' "$MAC/root$(jq -r '.[0].outputs.out' answer)"
  [ "$(blkid -o value -s LABEL "$MAC/root/private/var/lib/virby/store.img")" = virby-store ]
  switch '{ services.virby.enable = false; }'
  run -1 mac_machines
  mac test ! -e /var/lib/virby
  run ! grep virby "$MAC/root/etc/nix/machines"
}

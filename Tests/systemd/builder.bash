# A builder in the rig, as virby-install installs it from a checkout.
# shellcheck shell=bash disable=SC2016,SC2119,SC2120,SC2154 # other shells run the text; rig.bash and the tests

setup_file() {
  guest=$("$REPO/scripts/guest/build")
  export guest
  rig_make
  rig_boot
  install_builder
}

# install_builder OPTION...
install_builder() {
  inside env VIRBY_BIN="$VIRBY_BIN" "$REPO/scripts/virby-install" --yes --image "$guest/disk.img" \
    --kernel "$guest/vmlinuz" --initrd "$guest/initrd" --cmdline "$(cat "$guest/cmdline")" \
    --cores 2 --memory 1GiB --disk-size 8GiB --ttl 10m --set VIRBY_ACCELERATOR=tcg \
    --set "VIRBY_PATIENCE=${PATIENCE}s" --set VIRBY_STOP_TIMEOUT=120s "$@"
}

# build SEED [SECONDS]: root's Nix builds in the guest, and nowhere else; prints what has come of it.
build() {
  inside env NIX_REMOTE=local?root=/root/client timeout -k 5 "$PATIENCE" nix build --extra-experimental-features nix-command \
    --no-link --json --print-build-logs --max-jobs 0 --option substituters '' --option build-users-group '' \
    --file "$REPO/Tests/e2e/hello.nix" --argstr system "$(uname -m)-linux" --argstr seed "$1" --argstr seconds "${2-0}" >built || return
  inside cat "/root/client$(jq -r '.[0].outputs.out' built)"
}

# is UNIT STATE: what systemd says of it.
is() {
  [ "$(inside systemctl show -P ActiveState "$1")" = "$2" ]
}

# events: what the service has written since this test began.
events() {
  inside journalctl -o cat --no-pager -u virbyd.service --after-cursor="$cursor"
}

# said TEXT: it has written that.
said() {
  events | grep -qF -e "$1"
}

setup() {
  own_folder
  cursor=$(inside journalctl -n 0 --show-cursor | sed -n 's/^-- cursor: //p')
}

teardown() {
  if [ -z "${BATS_TEST_COMPLETED-}" ]; then
    inside journalctl --no-pager -n 60
    inside systemctl status --no-pager virbyd.socket virbyd.service
    inside tail -n 30 /var/lib/virby/log/serial.log
  fi
}

teardown_file() {
  rig_end
}

# nothing_left: no process is in the service's group, the disk's lock is free, no socket is left.
nothing_left() {
  [ -z "$(inside systemctl show -P ControlGroup virbyd.service)" ] &&
    inside flock -n /var/lib/virby/disk.img.lock true && inside [ ! -e /var/lib/virby/run ]
}

# clean_disk: the guest's root partition has been unmounted cleanly. Whether the system is up or not.
clean_disk() {
  nsenter -t "$holder" -m sh -euc '
    disk=$1/root/var/lib/virby/disk.img
    start=$("$2/virby-image" inspect --json "$disk" | jq ".partitions[-1].first * .sectorSize")
    e2fsck -fn "$disk?offset=$start"' - "$rig" "$VIRBY_BIN" >fsck.log 2>&1 || {
    cat fsck.log
    return 1
  }
  ! grep -q 'recovering journal\|was not cleanly unmounted' fsck.log
}

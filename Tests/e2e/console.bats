#!/usr/bin/env bats
# The second console of a guest that nobody can log in to.

load builder

@test "a guest with keys that are no keys is mended from its second console, which is there when it is asked for" {
  export VIRBY_CONSOLE=yes
  # What virbyd prepares would be right: the pipeline by hand, with keys that nobody can use.
  cp -R "$VIRBY_DIR/keys" wrong
  echo 'no key' >wrong/guest/ssh_user_ed25519_key.pub
  virby-boot -c 2 -m 1GiB --keys wrong --control "$VIRBY_DIR/run" --serial "$VIRBY_DIR/log/serial.log" --console \
    --kernel "$VIRBY_KERNEL" --initrd "$VIRBY_INITRD" --cmdline "$VIRBY_CMDLINE" "$VIRBY_DIR/disk.img" >events 2>"$log" 3>&- &
  boot=$!
  eventually 60 occurs 'nobody can log in' "$VIRBY_DIR/log/serial.log"
  mkfifo typed
  virby-console <typed >heard 3>&- &
  typing=$!
  exec 5>typed
  prompted() {
    printf '\r' >&5
    occurs 'virby# ' heard
  }
  eventually 20 prompted
  echo 'echo $((6 * 7)) $(id -un)' >&5
  eventually 20 occurs '42 root' heard
  echo poweroff >&5
  wait "$boot"
  exec 5>&-
  wait "$typing" || true
  occurs 'stopped how=guest' events
  nothing_left
}

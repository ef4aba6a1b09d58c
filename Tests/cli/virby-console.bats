#!/usr/bin/env bats
# The second console, and the script that leads to it.

load helpers
load machine
load scripts

# boots OPTION...: a machine on the builder's disk.
boots() {
  virby-boot -m 256 --control "$VIRBY_DIR/run" "$@" builder/disk.img >events 2>errors 3>&- &
  boot=$!
  eventually 20 occurs running events
}

@test "no builder, a VM that is down, a VM without a second console" {
  run --separate-stderr -71 virby-console
  [ "${stderr_lines[0]}" = "virby-console: there is no disk in '$VIRBY_DIR'" ]
  prepare
  run --separate-stderr -69 virby-console
  [ "$stderr" = "virby-console: the VM is down
virby-console: hint: start it with 'virby start'" ]
  make_kernel good
  boots --accelerator tcg --kernel kernel
  run --separate-stderr -69 virby-console
  [ "$stderr" = "virby-console: the guest has no console to type at
virby-console: hint: set VIRBY_CONSOLE=yes, and start the VM again when that suits" ]
}

@test "--console: with QEMU a socket that its owner alone can reach" {
  prepare
  make_kernel good
  boots --console --accelerator tcg --kernel kernel
  [ -S "$VIRBY_DIR/run/console.sock" ]
  [ "$(stat -c %a "$VIRBY_DIR/run")" = 700 ]
  kill -TERM "$boot"
  ends 0
  [ ! -e "$VIRBY_DIR/run/console.sock" ]
}

@test "--console: with vfkit the pseudo-terminal that it names" {
  prepare
  export PATH=$REPO/Tests/standins:$PATH
  boots --console --driver vfkit
  mkfifo typed
  virby-console <typed >heard 3>&- &
  typing=$!
  exec 5>typed
  echo 'is anyone there' >&5
  eventually 10 occurs 'IS ANYONE THERE' heard
  exec 5>&-
  wait "$typing"
}

@test "--console: krunkit has none" {
  prepare
  run --separate-stderr -64 virby-boot --print --console --driver krunkit builder/disk.img
  [ "$output" = "" ]
  [ "${stderr_lines[0]}" = "virby-boot: driver 'krunkit' does not support '--console'" ]
}

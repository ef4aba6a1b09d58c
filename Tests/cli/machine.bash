# Machines without an operating system, for the tests of virby-boot: `load machine` after `load helpers`.
#
# On vm/disk.img the firmware finds nothing, and hears no power button. `make_kernel` makes a kernel of a few
# instructions for `--kernel`, which can do a little more.
# shellcheck shell=bash disable=SC2034 # the tests use 'here'

setup() {
  linux_only 'its machine is a PC, run by QEMU on Linux'
  own_folder
  mkdir vm
  here=$(pwd -P)/vm
  make_disk vm/disk.img
}

teardown() {
  if [ -n "${boot:-}" ]; then
    kill -KILL "$boot" 2>/dev/null || true
    wait "$boot" 2>/dev/null || true
  fi
}

# A disk on which the firmware finds nothing: zeros and the signature of a boot record.
make_disk() {
  truncate -s 1M "$1"
  printf '\x55\xaa' | dd of="$1" bs=1 seek=510 conv=notrunc status=none
}

# start OPTION...: runs the machine in the background, its events in the file 'events'.
start() {
  # Or else what is seen may still be those of the run before.
  rm -f events errors
  virby-boot --accelerator tcg -m 256 "$@" vm/disk.img >events 2>errors 3>&- &
  boot=$!
  eventually 20 occurs running events
}

# ends STATUS: the machine ends by itself, with that status.
ends() {
  local status=0
  wait "$boot" || status=$?
  boot=
  [ "$status" -eq "$1" ]
}

driver_pid() {
  sed -n 's/^starting .*pid=\([0-9]*\).*/\1/p' events
}

lock_is_free() {
  flock -n vm/disk.img.lock true
}

# make_kernel KIND: a file 'kernel' of 16-bit instructions, which QEMU starts at byte 512, where a jump is and the mark
# of a kernel that may have an initial RAM disk. Of the registers of power management, that at 0x600 tells of the button,
# that at 0x602 enables it, and that at 0x604 powers off.
make_kernel() {
  local code
  linux_only 'its machine is a PC, run by QEMU on Linux'
  case $1 in
    # Waits for the power button, and powers off. When it listens there is a star at 0x90500 of its memory.
    good) code='\xba\x02\x06\xb8\x00\x01\xef\xc6\x06\x00\x05\x2a\xfb\xf4\xba\x00\x06\xed\xf6\xc4\x01\x74\xf6\xba\x04\x06\xb8\x00\x20\xef\xeb\xfe' ;;
    # Powers off at once.
    brief) code='\xba\x04\x06\xb8\x00\x20\xef\xeb\xfe' ;;
    # Resets the machine at once.
    resetting) code='\xb0\xfe\xe6\x64\xeb\xfe' ;;
    # Does nothing.
    deaf) code='\xfa\xf4\xeb\xfc' ;;
    # Waits for the power button, and resets the machine, as a kernel does that panics.
    panicking) code='\xba\x02\x06\xb8\x00\x01\xef\xfb\xf4\xba\x00\x06\xed\xf6\xc4\x01\x74\xf6\xb0\xfe\xe6\x64\xeb\xfe' ;;
  esac
  truncate -s 0 kernel
  truncate -s 2048 kernel
  printf '\x01' | dd of=kernel bs=1 seek=497 conv=notrunc status=none
  printf '\xeb\x3eHdrS\x00\x02' | dd of=kernel bs=1 seek=512 conv=notrunc status=none
  # shellcheck disable=SC2059 # the format is the code
  printf "$code" | dd of=kernel bs=1 seek=576 conv=notrunc status=none
}

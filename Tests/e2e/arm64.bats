#!/usr/bin/env bats
# The guest of a Mac with Apple silicon, emulated: booted as vfkit does, from kernel and device tree, and by firmware.

load builder

setup_file() {
  export VIRBY_ARCH=arm64
  build_guest
  # Whoever logs in may read the kernel's log.
  VIRBY_CMDLINE="$VIRBY_CMDLINE sysctl.kernel.dmesg_restrict=0"
}

# off: the guest is powered off by its button, cleanly.
off() {
  kill -TERM "$(cat virbyd.pid)"
  eventually 300 ended 1 0
  occurs 'stopped how=asked status=0' "$log"
  nothing_left
  clean_disk
}

# sound: its processor, its clock to the second, its root as large as the disk.
sound() {
  local asked machine time size
  asked=$(now)
  guest 'uname -m; date +%s; df -B1 --output=size / | tail -n 1' >told
  {
    read -r machine
    read -r time
    read -r size
  } <told
  [ "$machine" = aarch64 ]
  awk -v from="$asked" -v told="$time" -v to="$(now)" 'BEGIN { exit !(told > from - 2 && told < to + 2) }'
  [ "$size" -gt $(((8 << 30) * 93 / 100)) ]
}

@test "kernel, initial RAM disk and device tree: nix build for aarch64-linux through the port, off by the button" {
  serve
  began=$(now)
  path=$(build cold)
  figure "arm64, cold: nix build done $(since "$began") after connecting"
  built "$path" cold
  sound
  guest dmesg >dmesg
  grep -q 'printk: .*console \[hvc0\] enabled' dmesg
  grep -q 'Linux version' dmesg
  [ "$(grep -ic gpt dmesg)" = 0 ]
  off
}

@test "the firmware boots the disk, ACPI has the button" {
  unset VIRBY_KERNEL VIRBY_INITRD VIRBY_CMDLINE
  serve
  began=$(now)
  banner
  figure "arm64, cold, by firmware: SSH banner $(since "$began") after connecting"
  sound
  off
}

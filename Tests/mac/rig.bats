#!/usr/bin/env bats
# The Mac that rig.bash makes, and how it ends.

load ../cli/helpers
load rig
load session

@test "every command of the table is there, and none of Linux's besides" {
  while read -r path _; do
    case $path in /*) paths+=("$path") ;; esac
  done <"$MAC_RIG/commands"
  run -0 mac sh -c 'for path; do [ -x "$path" ] || echo "$path"; done' sh "${paths[@]}"
  [ "$output" = '' ]
  run -0 mac sh -c 'for name; do command -v "$name"; done; true' sh flock timeout setsid truncate nproc tac xz zstd \
    sha256sum systemctl getent ip ss fuser python3 busybox pidof numfmt shuf losetup apt-get
  [ "$output" = '' ]
}

@test "which Mac it is" {
  says 'Darwin' uname
  says 'Darwin mac 24.5.0 Darwin Kernel Version 24.5.0: root:xnu-11417.121.6~2/RELEASE_ARM64_T8112 arm64' uname -a
  says arm64 uname -m
  refuses 1 'uname: illegal option -- -' uname --machine
  says 15.5 sw_vers -productVersion
  says $'8\n1' sysctl -n hw.ncpu kern.hv_support
  says 'hw.memsize: 17179869184' sysctl hw.memsize
  refuses 1 "sysctl: unknown oid 'hw.no'" sysctl -n hw.no
  mac_fact hw.test one
  says one sysctl -n hw.test
  mac_fact hw.test
  refuses 1 "sysctl: unknown oid 'hw.test'" sysctl -n hw.test
}

@test "what root's commands have, and a user's" {
  run -0 mac env
  [[ $output == *SUDO_USER=admin* ]]
  [[ $output == *HOME=/Users/admin* ]]
  run -0 mac_as admin sh -c 'id -un; echo $HOME $USER $SHELL'
  [ "$output" = $'admin\n/Users/admin admin /bin/zsh' ]
}

@test "the tree tells what has been changed, and Nix's settings are those of its installer" {
  mac_tree >"$BATS_TEST_TMPDIR/before"
  [ "$(grep -c . "$BATS_TEST_TMPDIR/before")" -gt 100 ]
  [ "$(cat "$MAC/root/private/etc/nix/nix.conf")" = $'\nbuild-users-group = nixbld' ]
  says 'build-users-group = nixbld' sh -c 'nix --extra-experimental-features nix-command show-config 2>/dev/null | grep ^build-users'
  says 'uid=351(_nixbld1) gid=350(nixbld) groups=350(nixbld)' id _nixbld1
  mac_tree | grep -v "Shared/" | diff - <(grep -v "Shared/" "$BATS_TEST_TMPDIR/before")
  mac sh -c 'umask 077; echo 127.0.0.1 mac >>/etc/hosts; mkdir /Library/Virby; ln -s x /usr/local/y'
  run -1 diff <(mac_tree) "$BATS_TEST_TMPDIR/before"
  [[ $output == *'Library/Virby'* ]]
  [[ $output == *'usr/local/y'* ]]
  [[ $output == *' ./private/etc/hosts'* ]]
}

@test "Nix's daemon is a job of launchd's, and builds for a user" {
  mac launchctl print system/org.nixos.nix-daemon | grep -q 'state = running'
  cat >hello.nix <<'END'
derivation { name = "hello"; system = builtins.currentSystem; builder = "/bin/sh"; args = [ "-c" "echo hello >$out" ]; }
END
  run -0 --separate-stderr mac_as admin nix-build --no-out-link --option substituters '' \
    "$there/hello.nix"
  says hello cat "$output"
}

@test "ssh reads what stands in ssh_config.d" {
  printf 'Host some-vm\n  Port 4711\n' >"$MAC/root/private/etc/ssh/ssh_config.d/100-some-vm.conf"
  mac_as admin ssh -G some-vm | grep -qx 'port 4711'
  mac_as admin ssh -G some-vm | grep -qx 'sendenv LC_\*'
  rm "$MAC/root/private/etc/ssh/ssh_config.d/100-some-vm.conf"
}

@test "a Mac ends with the shell that made it, and leaves no mount behind" {
  mkdir own
  cat >script <<END
. "$MAC_RIG/rig.bash"
BATS_TEST_TMPDIR=$PWD/own
mac_setup determinate
mac cat /etc/nix/nix.conf
mac_linux sh -c 'sleep 600 & sleep 600 &'
echo "\$MAC_PID \$MAC"
kill -9 \$\$
END
  run -137 env -u MAC -u MAC_PID -u MAC_UNSHARE -u MAC_BINDS bash script
  [[ $output == *'!include nix.custom.conf'* ]]
  read -r pid mac <<<"${lines[${#lines[@]} - 1]}"
  eventually 10 eval '[ ! -e "/proc/$pid" ]'
  run ! grep -qF "$mac" /proc/mounts
  rm -rf "$mac"
  [ ! -e "$mac" ]
}

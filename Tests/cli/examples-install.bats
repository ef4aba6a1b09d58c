#!/usr/bin/env bats
# The EXAMPLES of the pages about a builder that is installed, as they are printed, on a pretended Mac.

load helpers
load install
load examples

# typed PAGE N: run as printed, in the folder of the test, by the administrator as root; virby-install from the checkout.
typed() {
  example "$1" "$2" >example
  mac env VIRBY_BIN=/.rig/bin PATH="$PWD/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin" \
    bash -euo pipefail -c "cd '$PWD'; . ./example"
}

@test "install, change a setting, print Nix's line, look for what is wrong and at what it does" {
  make_mac
  mkdir bin
  ln -s "$REPO/scripts/virby-install" bin
  # macOS has it since 15.
  ln -s /.linux/usr/bin/jq bin
  gzip <image >virby-guest-arm64.img.gz
  run -0 --separate-stderr typed virby-install.8 1
  [ "$stderr" = "" ]
  # All of it twice: said, then done.
  [ "$(grep -c "^load the job 'org.nixos.virbyd'" <<<"$output")" = 2 ]
  run -0 typed virby-install.8 2
  grep -qx VIRBY_MEMORY=12GiB "$MAC/root/etc/virby/virby-vm.conf"
  run -0 typed virby-machines.1 1
  [ "$output" = 'ssh-ng://virby-vm aarch64-linux - 6 1 benchmark,big-parallel - -' ]
  run -0 typed virby-doctor.1 1
  [[ $output == *'verdict   down: '* ]]
  run -0 typed virby-doctor.1 3
  [ "$output" = down ]
  run -1 typed virby-status.1 1
  [ "${lines[0]}" = 'vm        down' ]
  run -0 typed virby-status.1 2
}

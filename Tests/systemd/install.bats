#!/usr/bin/env bats
# virby-install and virby-uninstall where systemd is: nothing is left, and what was there before is as it was.

load rig
load builder

setup_file() {
  guest=$("$REPO/scripts/guest/build")
  export guest
  rig_make
  rig_boot
  # A user's own.
  inside sh -euc '
    mkdir -p /etc/nix /etc/ssh/ssh_config.d
    printf "ssh-ng://other x86_64-linux - 4 1 - -\n" >>/etc/nix/machines
    printf "Host other\n  HostName 192.0.2.1\n" >/etc/ssh/ssh_config.d/other.conf'
}

# uninstall OPTION...
uninstall() {
  inside virby-uninstall --yes "$@"
}

@test "installed, used, uninstalled with a guest that runs: nothing is left" {
  tree >"$BATS_FILE_TMPDIR/before"
  install_builder
  is virbyd.socket active
  [ "$(inside systemctl is-enabled virbyd.socket)" = enabled ]
  [ "$(inside systemctl is-enabled virbyd.service)" = disabled ]
  build here | grep -E ', seed here$'
  is virbyd.service active

  run -0 uninstall
  said 'stopped how=asked status=0'
  tree >after
  diff "$BATS_FILE_TMPDIR/before" after
  run -4 inside systemctl status virbyd.socket
  run -4 inside systemctl status virbyd.service
  [ -z "$(inside systemctl list-units --all --no-legend 'virby*')" ]
  run -1 inside pgrep -f 'virby-|qemu-system'
  run -2 inside getent passwd _virby
  run -2 inside getent group virby
  run -255 inside ssh -n -o BatchMode=yes -p "$PORT" 127.0.0.1 true
}

@test "installed again over itself: nothing to do; another port: the socket moves; always on: it starts with the system" {
  install_builder
  run -0 install_builder
  [ "${lines[0]}" = 'nothing to do' ]
  run -0 inside virby-install --yes --port 31223 --always-on
  [ "$(inside systemctl show -P Listen virbyd.socket)" = '127.0.0.1:31223 (Stream)' ]
  eventually 60 is virbyd.service active
  [ "$(inside systemctl is-enabled virbyd.service)" = enabled ]
  inside systemctl reboot
  rig_off
  rig_boot
  eventually 60 is virbyd.service active
}

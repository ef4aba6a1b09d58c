#!/usr/bin/env bats
# The units under a real systemd: a socket that starts the service when a client comes, and the ways in which that ends.

load rig
load builder

@test "a client starts the service: nix build, and what systemd and its journal say of it" {
  is virbyd.socket active
  is virbyd.service inactive
  build first | grep -E "^built by Linux version .*, seed first\$"
  is virbyd.service active
  inside systemctl status --no-pager virbyd.service
}

@test "stopped in the middle of a build: the guest powers off cleanly, for systemd signals nobody but virbyd" {
  build long 600 3>&- &
  client=$!
  eventually "$PATIENCE" eval 'inside virby ssh pgrep -G nixbld >/dev/null'
  inside systemctl stop virbyd.socket virbyd.service
  status=0
  wait "$client" || status=$?
  [ "$status" -ne 0 ]
  is virbyd.service inactive
  [ "$(inside systemctl show -P Result virbyd.service)" = success ]
  said 'stopping why=signal'
  said 'stopped how=asked status=0'
  nothing_left
  clean_disk
}

@test "restarted with the socket: the next client starts the next VM" {
  inside systemctl restart virbyd.socket
  inside virby ssh true
  is virbyd.service active
}

@test "kill -9 of virby-boot: the guest is not cut off, and the next client starts another" {
  inside virby ssh 'echo kept >file'
  inside pkill -KILL -x virby-boot
  # The client waits until the first guest has gone.
  [ "$(inside virby ssh cat file)" = kept ]
  is virbyd.service active
  said 'virby-boot was killed; asking the guest to power off'
  run ! said 'recovering journal'
  run ! inside virby ssh 'dmesg | grep -q "recovery complete"'
}

@test "kill -9 of virbyd: the guest powers off cleanly, and then the next client starts another" {
  inside virby ssh 'echo kept too >file'
  inside sh -c 'kill -KILL "$(systemctl show -P MainPID virbyd.service)"'
  eventually 60 is virbyd.service failed
  nothing_left
  clean_disk
  is virbyd.socket active
  [ "$(inside virby ssh cat file)" = 'kept too' ]
}

@test "kill -9 of QEMU: the unit has failed, and the next client starts another; idle: that ends, and the unit has not failed" {
  inside pkill -KILL -x qemu-system-x86
  eventually 60 is virbyd.service failed
  [ "$(inside systemctl show -P ExecMainStatus virbyd.service)" = 69 ]
  said "driver 'qemu' was killed by signal 9"
  is virbyd.socket active

  inside virby-install --yes --ttl 3s
  inside virby ssh true
  eventually 60 is virbyd.service inactive
  [ "$(inside systemctl show -P Result virbyd.service)" = success ]
  said 'idle for='
  nothing_left
  clean_disk
  is virbyd.socket active
}

@test "a setting that cannot be: every client is told so, and the socket stays" {
  turned_away() {
    run -255 inside ssh -n -F /var/lib/virby/ssh_config virby-vm true
    eventually 30 said "$1"
    is virbyd.socket active
  }
  inside cp /etc/virby/virby-vm.conf /root/conf
  inside sed -i 's/^VIRBY_MEMORY=.*/VIRBY_MEMORY=lots/' /etc/virby/virby-vm.conf
  turned_away "virby-prepare: 'lots' is not a guest's memory"
  inside sh -c 'echo nonsense >/etc/virby/virby-vm.conf'
  turned_away 'line 1: not NAME=VALUE'
  # Five starts in ten seconds, or twenty triggers in two, would be too many by default.
  inside bash -c 'for n in $(seq 30); do (: <>/dev/tcp/127.0.0.1/31222) & done; wait'
  turned_away 'line 1: not NAME=VALUE'
  inside cp /root/conf /etc/virby/virby-vm.conf
  inside virby-install --yes --ttl 10m
  inside virby ssh true
}

@test "the system restarts with a guest that runs: it powers off cleanly, and the builder is there again" {
  inside systemctl reboot
  rig_off
  clean_disk
  rig_boot
  is virbyd.socket active
  is virbyd.service inactive
  build second | grep -E ", seed second\$"
}

#!/usr/bin/env bats
# The EXAMPLES of the manual pages run as they are printed, each in a place that it speaks of. Those that need a guest
# are in Tests/e2e/examples.bats.

load helpers
load examples

setup() {
  own_folder
  export -f example _examples apart
  export BATS_TEST_TMPDIR
}

make_image() {
  truncate -s 16M "$1"
  sfdisk -q "$1" <<<'label: gpt
size=8M, name=root'
}

# leases FILE: a lease of the client of virby-lease's page, by dnsmasq, at an address that we have ourselves.
leases() {
  echo "0 5a:94:ef:e4:0c:ee 192.168.64.7 builder 01:5a:94:ef:e4:0c:ee" >"$1"
}

# Not yet run as they are printed; what they do is: Tests/cli/scripts-install-nix.bats, Tests/e2e/doctor.bats, seed.bats.
unrun='virby-allow.8 1, virby-doctor.1 2, virby-seed.1 1, '

@test "each example of every page is run by one of the files" {
  for page in "$REPO"/man/*; do
    page=${page##*/}
    for number in $(seq "$(examples "$page")"); do
      grep -hE "(run_example|example|typed) $page $number\b" "$REPO"/Tests/{cli,e2e}/examples*.bats >/dev/null ||
        [[ $unrun == *"$page $number, "* ]] || { echo "nobody runs $page $number" && false; }
    done
  done
}

@test "virby-image: from an image, from a compressed one; grow; ask for the table's health" {
  make_image nixos.img
  xz -k nixos.img
  example virby-image.1 1 >both
  while IFS= read -r line; do
    rm -f disk.img
    bash -euo pipefail -c "$line"
    [ "$(stat -c %s disk.img)" = $((100 << 30)) ]
  done <both
  [ "$(wc -l <both)" = 2 ]
  run_example virby-image.1 2
  [ "$(stat -c %s disk.img)" = $((200 << 30)) ]
  run -0 run_example virby-image.1 3
  [ "$output" = true ]
}

@test "virby-keys: a key set" {
  run -0 run_example virby-keys.1 1
  [[ $output == 'virby-vm ssh-ed25519 '* ]]
  run -0 run_example virby-keys.1 1
  virby-keys check keys
}

@test "virby-boot: what would be run; a machine by hand" {
  make_image disk.img
  run -0 run_example virby-boot.1 1
  [ "${lines[0]}" = 'umask 077' ]
  [[ $output == *$'\nexec vfkit \\\n'* ]]
  # On that disk the firmware finds nothing, and goes on looking.
  run_example virby-boot.1 2 3>&- &
  hand=$!
  eventually 20 test -S .disk.img.control/control.sock
  kill "$(lsof -t disk.img)" # the shell has given its place to QEMU
  wait "$hand" || true
}

@test "virby-lease: log in, now and as soon as there is an address; ask the neighbours; find out why" {
  [ "$(id -u)" = 0 ] || skip 'needs root, for namespaces'
  [ -x /usr/sbin/sshd ] || skip 'needs sshd'
  mkdir -p /run/sshd lib
  leases lib/dnsmasq.leases
  ssh-keygen -q -t ed25519 -N '' -f host
  ssh-keygen -q -t ed25519 -N '' -f user
  printf 'Host *\n  User root\n  IdentityFile %s\n  UserKnownHostsFile /dev/null\n  StrictHostKeyChecking no\n  LogLevel ERROR\n' "$PWD/user" >config
  # In its own network 192.168.64.7 is this machine, whose user `builder` is the one who runs this.
  cat >place <<'END'
set -euo pipefail
mount --bind lib /var/lib/misc
mkdir -p etc && cp /etc/passwd etc/passwd
echo "builder:x:0:0::$PWD:/bin/sh" >>etc/passwd
mount --bind etc/passwd /etc/passwd
ip link set lo up
ip tuntap add dev guests mode tap
ip addr add 192.168.64.1/24 dev guests
ip addr add 192.168.64.7/32 dev lo
ip link set guests up
ip neigh add 192.168.64.9 lladdr 52:54:00:12:34:56 dev guests nud permanent
/usr/sbin/sshd -f /dev/null -h "$PWD/host" -o ListenAddress=192.168.64.7 -o UsePAM=no -o StrictModes=no \
  -o AuthorizedKeysFile="$PWD/user.pub" -o PidFile="$PWD/sshd.pid"
trap 'kill "$(cat sshd.pid)"' EXIT
export PATH=$PWD/bin:$PATH
mkdir bin
printf '#!/bin/sh\nexec /usr/bin/ssh -F "%s/config" "$@" "echo as \\$USER"\n' "$PWD" >bin/ssh
chmod +x bin/ssh
for number in 1 2; do bash -euo pipefail "example.$number"; done
bash -euo pipefail example.3
bash -euo pipefail example.4
END
  for number in 1 2 3 4; do example virby-lease.1 $number >example.$number; done
  run --separate-stderr unshare -mn bash place
  echo "$output$stderr"
  [ "$status" = 0 ]
  [ "${lines[0]}" = 'as builder' ]
  [ "${lines[1]}" = 'as builder' ]
  [ "${lines[2]}" = 192.168.64.9 ]
  [[ ${lines[4]} == '192.168.64.7 '*chosen* ]]
  : virby-lease.1 example virby-lease.1 1, example virby-lease.1 2, example virby-lease.1 3, example virby-lease.1 4
}

@test "virby-forward: a socket that was handed over, and a server that waits for the first word" {
  [ "$(id -u)" = 0 ] || skip 'needs root, for namespaces'
  example virby-forward.1 2 >inherited
  python3 - >events 2>errors 3>&- <<'END' &
import os, socket
listener = socket.create_server(("127.0.0.1", 0))
os.dup2(listener.fileno(), 3)
os.set_inheritable(3, True)
os.execvp("bash", ["bash", "inherited"])
END
  eventually 20 occurs 'listening at=tcp:127.0.0.1:' events || {
    # Its input is /dev/null, which ends before there is a guest.
    occurs 'the VM ended before it could be reached' errors
  }
  wait $! || true
  cat >place <<'END'
ip link set lo up
ip addr add 192.168.64.7/24 dev lo
python3 -m http.server --bind 192.168.64.7 80 >/dev/null 2>&1 &
server=$!
bash example.3 >/dev/null &
forward=$!
for try in $(seq 200); do if answer=$(curl -sf http://127.0.0.1:8080/greeting); then break; fi; sleep 0.1; done
kill "$forward" "$server"
wait
echo "$answer"
END
  example virby-forward.1 3 >example.3
  echo 'from the guest' >greeting
  # In its own PID namespace too, whose end is that of whatever the example has started.
  run --separate-stderr -0 unshare -npf bash place 3>&-
  [ "$output" = 'from the guest' ]
}

@test "virby-idle: builds that nobody waits for; what keeps the VM up" {
  mkdir bin
  for tool in virby-busy virby-close; do printf '#!/bin/sh\n' >bin/$tool && chmod +x bin/$tool; done
  example virby-idle.1 2 >idle
  { echo open id=1 active=1 && sleep 60; } 3>&- | PATH=$PWD/bin:$PATH bash idle >events 2>errors 3>&- &
  eventually 20 occurs busy events
  # As printed it asks every virby-idle of the user; ours, then, in a namespace of its own.
  idle=$(pgrep -n -x virby-idle)
  example virby-idle.1 3 >ask
  [ "$(cat ask)" = 'pkill -USR1 -x virby-idle' ]
  kill -USR1 "$idle"
  eventually 20 occurs 'virby-idle: 1 connection open, without a break for ' errors
  [[ $(answer virby-idle.1 3) == 'virby-idle: 1 connection open, without a break for '* ]]
  kill -TERM "$idle"
  pkill -P $$ sleep || true
}

@test "virby: the image that has come, and the system before" {
  mkdir bin
  printf '#!/bin/sh\nexec "$@"\n' >bin/sudo
  chmod +x bin/sudo
  export VIRBY_DIR=$PWD/builder VIRBY_STORE_SIZE=1GiB VIRBY_DISK_SIZE=32MiB VIRBY_IMAGE=$PWD/first
  make_image first
  make_image second
  PATH=$PWD/bin:$PATH:$REPO/scripts
  virby-prepare
  VIRBY_IMAGE=$PWD/second run -0 run_example virby.1 4
  [ "${lines[0]%%;*}" = "the system is of '$PWD/second' now" ]
  [ "${lines[1]%%;*}" = "the system is of '$PWD/first' again" ]
}

@test "virby.conf: what it sets is set" {
  example virby.conf.5 1 >settings
  run -0 env VIRBY_SETTINGS="$PWD/settings" bash -c 'scripts=$REPO/scripts; . "$scripts/settings"; echo $VIRBY_CORES $VIRBY_MEMORY $VIRBY_TTL $VIRBY_PROXY'
  [ "$output" = '4 4GiB 30m http://proxy.example:3128' ]
}

@test "virby-guest: settings, and a key of one's own" {
  [ "$(id -u)" = 0 ] || skip 'needs root, for a folder of its own'
  load machine
  make_kernel good
  make_image image
  mkdir -p .ssh
  ssh-keygen -q -t ed25519 -N '' -f .ssh/id_ed25519
  export HOME=$PWD VIRBY_DIR=$PWD/builder VIRBY_IMAGE=$PWD/image VIRBY_DISK_SIZE=32MiB VIRBY_KERNEL=$PWD/kernel \
    VIRBY_ACCELERATOR=tcg VIRBY_CORES=1 VIRBY_MEMORY=256MiB VIRBY_TTL=1s VIRBY_BUSY='' VIRBY_CLOSE=''
  PATH=$PATH:$REPO/scripts
  { example virby-guest.7 2 && example virby-guest.7 1; } >both
  run -0 unshare -mn sh -c 'ip link set lo up; mount -t tmpfs none /var/cache; mkdir /var/cache/ccache; exec bash -euo pipefail both'
  grep -x 'extra-sandbox-paths = /var/cache/ccache' builder/guest/nix.conf
  grep -x https://cache.example builder/guest/substituters
  grep -x 'ccache /var/cache/ccache rw' builder/guest/mounts
  cmp .ssh/id_ed25519.pub builder/guest/authorized_keys
  occurs ' end status=0 ' builder/log/virbyd.log
}

@test "virby-events: a run is a run for every stage; try a stage without a virtual machine" {
  example virby-events.5 1 >run
  [ "$(virby-idle -t 1h <run 2>/dev/null | grep -v '^busy')" = "$(cat run)" ]
  [ "$(virby-lease -f none <run)" = "$(cat run)" ]
  run --separate-stderr -0 run_example virby-events.5 4
  [ "$output" = 'open id=1 active=1
busy
close id=1 active=0
idle for=1' ]
}

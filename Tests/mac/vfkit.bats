#!/usr/bin/env bats
# On the pretended Mac an unprivileged user's vfkit runs real machines: on vmnet, with bootpd's leases, and as unkind as on a Mac.

load ../e2e/builder
load ../cli/machine
load rig
load virtualization

setup_file() {
  if [ "$(id -u)" != 0 ]; then skip 'needs root to make a Mac'; fi
  export BATS_NO_PARALLELIZE_WITHIN_FILE=true
  # The Mac shows the images that are there when it is made.
  VIRBY_ARCH=arm64 build_guest
  build_guest
  mac_setup official
  mac_virtualization amd64
}

teardown_file() {
  if [ -n "${MAC-}" ]; then mac_teardown; fi
}

# Each test has a folder of its own in the user's home: `here` is its name there, and the working folder is that.
setup() {
  here=/Users/admin/$BATS_TEST_NUMBER
  mkdir "$MAC/root$here"
  chown 501:20 "$MAC/root$here"
  cd "$MAC/root$here" || return
  mac_lingers
  vfkit=
}

teardown() {
  mac_linux pkill -KILL -u 501 || true
  if [ -n "${vfkit-}" ]; then wait "$vfkit" || true; fi
  eventually 20 no_machines
  if [ -z "${BATS_TEST_COMPLETED-}" ]; then tail -n 30 log virby/log/serial.log "$MAC/virtualization" 2>/dev/null; fi
}

no_machines() {
  ! mac_machines
}

# user COMMAND...: as the user, with the builder's settings.
user() {
  local settings=() name
  for name in $(compgen -v VIRBY_); do settings+=("$name=${!name}"); done
  mac_as admin env "${settings[@]}" VIRBY_SETTINGS= VIRBY_BIN=/.rig/bin "VIRBY_DIR=$here/virby" \
    "PATH=$REPO/scripts:/.rig/bin:$MAC_PATH" "$@"
}

# vfkit_runs KERNEL OPTION...: vfkit with a machine of a few instructions, in the background.
vfkit_runs() {
  make_kernel "$1"
  make_disk disk.img
  chown 501:20 kernel disk.img
  user vfkit --memory 128 --bootloader "linux,kernel=$here/kernel,initrd=$here/disk.img,cmdline=quiet" \
    --device "virtio-blk,path=$here/disk.img" --device virtio-net,nat,mac=02:94:00:0a:01:02 \
    --restful-uri "unix://$here/control.sock" >log 2>&1 3>&- &
  vfkit=$!
  eventually 20 is Running
}

# listens: the guest of a good kernel is up.
listens() {
  mac_linux sh -c 'for file in /proc/$1/fd/*; do
    case $(readlink "$file") in */memfd:*) dd if="$file" bs=1 skip=$((0x90500)) count=1 2>/dev/null ;; esac
  done' sh "$(mac_machines)" | grep -qF '*'
}

rest() {
  user curl -s --unix-socket "$here/control.sock" "$@" http://vfkit/vm/state
}

is() {
  rest | grep -q "\"state\": \"VirtualMachineState$1\""
}

# order WORD: what is answered, with the status.
order() {
  rest -w '%{http_code}' -d "{\"state\":\"$1\"}"
}

# ends STATUS: vfkit ends by itself, with that status.
ends() {
  local status=0
  wait "$vfkit" || status=$?
  vfkit=
  [ "$status" = "$1" ]
}

pid_of_vfkit() {
  mac_linux pgrep -f /usr/local/bin/vfkit
}

# network: the bridge's address, if there is one.
network() {
  mac_linux ip -brief address show dev bridge100 2>/dev/null | awk '{ print $3 }'
}

# serve: virbyd, which listens by itself.
serve() {
  export VIRBY_HOST=virby-vm VIRBY_TTL=10m VIRBY_DISK_SIZE=8GiB VIRBY_CORES=2 VIRBY_MEMORY=1GiB VIRBY_DEBUG=yes
  user virbyd </dev/null >log 2>&1 3>&- &
  virbyd=$!
  eventually 60 begun
}

# begun: it listens, or there is no use in waiting for it.
begun() {
  gone "$virbyd" || occurs listening log
}

guest() {
  user virby-ssh "$@"
}

# build SEED SYSTEM: Nix builds in the guest, and nowhere else; what it made is the answer.
build() {
  user env NIX_SSHOPTS="-F $here/virby/ssh_config" NIX_REMOTE="local?root=$here/client" \
    nix build --extra-experimental-features nix-command --no-link --json --max-jobs 0 --option substituters '' \
    --option build-users-group '' --builders "ssh-ng://$VIRBY_HOST $2 - 2 1 - -" \
    --file "$REPO/Tests/e2e/hello.nix" --argstr system "$2" --argstr seed "$1" >answer 2>nix || {
    cat nix >&2
    return 1
  }
  cat "client$(jq -r '.[0].outputs.out' answer)"
}

# off: virbyd is told to end, and the guest powers off.
off() {
  mac_linux pkill -TERM -o -f /scripts/virbyd
  wait "$virbyd"
  virbyd=
  occurs 'stopped how=asked status=0' log
  VIRBY_DIR=$PWD/virby clean_disk
}

@test "amd64: cold, a build by way of vmnet and bootpd's file, powered off over REST, memory given back" {
  [ ! -e "$MAC/root/private/var/db/dhcpd_leases" ]
  serve
  began=$(now)
  [ "$(guest uname -m)" = x86_64 ]
  figure "vfkit, cold: first login done $(since "$began") after connecting"
  [[ $(build one x86_64-linux) == 'built by Linux version '*', seed one' ]]

  mac=$(sed -n 's/^running mac=//p' log)
  octets=${mac//:0/:}
  octets=${octets#0}
  address=$(user virby-lease "$mac")
  expires=$(sed -n 's/.*=0x//p' "$MAC/root/private/var/db/dhcpd_leases")
  [ "$(cat "$MAC/root/private/var/db/dhcpd_leases")" = "{
	name=virby
	ip_address=$address
	hw_address=1,$octets
	identifier=1,$octets
	lease=0x$expires
}" ]
  [[ $address == 192.168.64.* ]]
  [ $((16#$expires - $(date +%s))) -gt $((86400 - 3600)) ]
  occurs "ready at=tcp:$address:22" log

  run -0 user virby-status
  [[ ${lines[0]} == 'vm        ready, since '* ]]
  memory=$(sed -n 's/^memory *\([0-9]*\) MiB in use, limit 1GiB/\1/p' <<<"$output")
  [ "$memory" -gt 150 ]
  figure "the guest has $memory MiB of the Mac's memory"

  off
  [ "$(network)" = '' ]
  no_machines
  occurs "ip_address=$address" "$MAC/root/private/var/db/dhcpd_leases"
}

@test "arm64: booted by firmware, a build for aarch64-linux, off by its button" {
  mac_virtualization arm64
  unset VIRBY_KERNEL VIRBY_INITRD VIRBY_CMDLINE
  VIRBY_IMAGE=$("$REPO/scripts/guest/build" --arch arm64)/disk.img
  serve
  began=$(now)
  [ "$(guest uname -m)" = aarch64 ]
  figure "vfkit, arm64, cold, by firmware: first login done $(since "$began") after connecting"
  [[ $(build two aarch64-linux) == 'built by Linux version '*', seed two' ]]
  off
  mac_virtualization amd64
}

@test "the power button: Stop asks the guest, HardStop does not, and both are refused when it is off" {
  [ "$(network)" = '' ]
  vfkit_runs good
  eventually 20 listens
  [ "$(network)" = 192.168.64.1/24 ]
  [ "$(order Stop)" = 202 ]
  ends 0
  [ ! -e control.sock ]
  eventually 5 eval '[ "$(network)" = "" ]'

  vfkit_runs deaf
  [ "$(order Stop)" = 202 ]
  is Running
  [ "$(order HardStop)" = 202 ]
  ends 0
}

@test "a guest that powers itself off ends vfkit with 0" {
  make_kernel brief
  make_disk disk.img
  chown 501:20 disk.img
  run -0 user vfkit --memory 128 --kernel "$here/kernel" --initrd "$here/disk.img" --kernel-cmdline quiet \
    --device "virtio-blk,path=$here/disk.img"
  no_machines
}

@test "TERM: the power button, and five seconds later the plug" {
  vfkit_runs good
  eventually 20 listens
  began=$SECONDS
  mac_linux kill -TERM "$(pid_of_vfkit)"
  ends 0
  [ $((SECONDS - began)) -lt 5 ]

  vfkit_runs deaf
  began=$EPOCHREALTIME
  mac_linux kill -TERM "$(pid_of_vfkit)"
  ends 0
  awk -v from="$began" -v to="$EPOCHREALTIME" 'BEGIN { exit !(to - from >= 5) }'
}

@test "the machine is a process of the system's with the user's rights, and has the disk and its lock" {
  vfkit_runs deaf
  machine=$(mac_machines)
  [ "$(mac_linux ps -o user:8=,comm= -p "$machine")" = 'admin    com.apple.Virtu' ]
  [ "$(mac_linux ps -o sid=,pgid= -p "$machine" | xargs)" = "$machine $machine" ]
  [ "$(mac_linux ps -o args= -p "$(mac_linux ps -o ppid= -p "$machine" | xargs)")" = \
    "/.linux/usr/bin/python3 -B $MAC_RIG/vfkit/virtualization --arch amd64" ]
  [ "$(user lsof -t "$here/disk.img")" = "$machine" ]
  locked disk.img

  run -1 user vfkit --memory 128 --bootloader efi,variable-store="$here/store",create \
    --device "virtio-blk,path=$here/disk.img"
  [[ ${lines[0]} == 'Error: Error Domain=VZErrorDomain Code=2 '* ]]
  run -75 --separate-stderr user virby-boot "$here/disk.img"
  [ "$stderr" = "virby-boot: '$here/disk.img' is locked by another program, perhaps a VM that outlived its driver
virby-boot: hint: find it with: lsof $here/disk.img" ]
}

@test "kill -9 of vfkit ends its machine; one that lives on keeps the disk until it ends, and the next start waits" {
  vfkit_runs deaf
  mac_linux kill -KILL "$(pid_of_vfkit)"
  ends 137
  eventually 5 no_machines

  rm control.sock
  mac_lingers 5
  vfkit_runs deaf
  mac_linux kill -KILL "$(pid_of_vfkit)"
  ends 137
  locked disk.img
  run -75 --separate-stderr user virby-boot "$here/disk.img"
  mac_machines >before
  make_kernel good
  user virby-boot --wait-lock 60s -m 256 --kernel "$here/kernel" --initrd "$here/disk.img" --cmdline quiet "$here/disk.img" \
    >events 3>&- &
  boot=$!
  eventually 20 occurs running events
  [ "$(mac_machines)" != "$(cat before)" ]
  eventually 20 listens
  mac_linux pkill -TERM -x virby-boot
  wait "$boot"
  boot=
  [ "$(tail -n 2 events)" = 'stopping why=signal
stopped how=asked status=0' ]
}

@test "firmware: create makes a store and later starts keep it" {
  make_disk disk.img
  chown 501:20 disk.img
  user virby-boot -m 256 "$here/disk.img" >events 2>log 3>&- &
  eventually 20 occurs running events
  mac_linux kill -KILL "$(pid_of_vfkit)"
  wait $! || true
  [ "$(stat -c '%u %s' disk.img.efi)" = "501 $(stat -c %s /usr/share/OVMF/OVMF_VARS_4M.fd)" ]
  run -0 user virby-boot --print "$here/disk.img"
  [[ $output == *"efi,variable-store=$here/disk.img.efi \\"$'\n'* ]]
}

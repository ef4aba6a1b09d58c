#!/usr/bin/env bats
# virby-lease: the address of a guest, as an answer and as an event.
# shellcheck disable=SC2154,SC2030,SC2031 # `run` sets stderr; a test is a subshell of its own.

load helpers

MAC=02:94:00:0a:01:02
FAR=0x7fffffff

# bootpd ADDRESS [LEASE [NAME [CLIENT]]]
# Prints a record as bootpd writes it; of the builder, unless another client id is given.
bootpd() {
  local client=${4:-1,2:94:0:a:1:2}
  printf '{\n\tname=%s\n\tip_address=%s\n\thw_address=%s\n\tidentifier=%s\n\tlease=%s\n}\n' \
    "${3:-builder}" "$1" "$client" "$client" "${2:-$FAR}"
}

# answers TEXT: the last run printed that and nothing else.
answers() {
  [ "$output" = "$1" ] && [ "$stderr" = "" ]
}

# complains TEXT: the last run said that on stderr and printed nothing.
complains() {
  [ "$output" = "" ] && [ "$stderr" = "$1" ]
}

# await PID STATUS: the background command ends with that status.
await() {
  local status=0
  eventually 10 gone "$1"
  wait "$1" || status=$?
  [ "$status" -eq "$2" ]
}

# filter ARGUMENTS...
# Starts the filter with lines from descriptor 7 and its output in `out`; its pid is $filter.
filter() {
  mkfifo in
  virby-lease "$@" <in >out 2>err 7>&- &
  filter=$!
  exec 7>in
}

teardown() {
  exec 7>&-
  for pid in ${filter:-} ${waiter:-}; do kill "$pid" 2>/dev/null || true; done
}

# --- the answer

@test "prints the bare address, whatever the MAC's spelling" {
  bootpd 192.168.64.5 >leases
  for mac in $MAC 2:94:0:a:1:2 02-94-00-0A-01-02; do
    run --separate-stderr -0 virby-lease -f leases "$mac"
    answers 192.168.64.5
  done
}

@test "reads stdin" {
  bootpd 192.168.64.5 >leases
  run --separate-stderr -0 virby-lease -f - $MAC <leases
  answers 192.168.64.5
}

@test "reads a pipe" {
  run --separate-stderr -0 virby-lease -f <(bootpd 192.168.64.5) $MAC
  answers 192.168.64.5
}

@test "reads the other formats, told by their content" {
  echo "0 $MAC 192.168.122.5 builder *" >dnsmasq
  echo '? (192.168.64.5) at 2:94:0:a:1:2 on bridge100 ifscope [bridge]' >arp
  echo '192.168.122.6 dev virbr0 lladdr 02:94:00:0a:01:02 STALE' >neighbours
  run --separate-stderr -0 virby-lease -f dnsmasq $MAC
  answers 192.168.122.5
  run --separate-stderr -0 virby-lease -f arp $MAC
  answers 192.168.64.5
  run --separate-stderr -0 virby-lease -f neighbours $MAC
  answers 192.168.122.6
}

@test "finds this machine's own neighbours" {
  command -v ip || skip "no ip"
  ip neigh | grep -E '^[0-9.]+ dev .* lladdr' >neighbours || skip "no neighbours"
  read -r address _ _ _ mac _ <neighbours
  run --separate-stderr -0 virby-lease -f <(ip neigh) "$mac"
  [ "$stderr" = "" ]
  grep -q "^$output dev .* lladdr $mac " neighbours
}

@test "finds a client by its name, byte for byte" {
  bootpd 192.168.64.5 $FAR $'b\e[31m' >leases
  run --separate-stderr -0 virby-lease -f leases -n $'b\e[31m'
  answers 192.168.64.5
  run --separate-stderr -1 virby-lease -f leases -n $'B\e[31m'
  complains "virby-lease: no lease named 'B%1B[31m' in 'leases'"
}

@test "several live clients of one name: 65" {
  { bootpd 192.168.64.5 && bootpd 192.168.64.6 $FAR builder 1,2:0:0:0:0:1; } >leases
  run --separate-stderr -65 virby-lease -f leases -n builder
  complains "virby-lease: more than one lease named 'builder': '192.168.64.5', '192.168.64.6'
virby-lease: hint: anyone can claim a name: ask for the MAC instead"
  run --separate-stderr -0 virby-lease --json -f leases -n builder
  [ "$stderr" = "virby-lease: warning: more than one lease named 'builder': '192.168.64.5', '192.168.64.6'" ]
  jq -e 'length == 2' <<<"$output"
}

@test "waits for a live one among expired clients of one name" {
  { bootpd 192.168.64.5 0x10 && bootpd 192.168.64.6 0x11 builder 1,2:0:0:0:0:1; } >leases
  run --separate-stderr -65 virby-lease -f leases -n builder
  [ "$output" = "" ]
  virby-lease -v -w 30s -f leases -n builder >out 2>err &
  waiter=$!
  eventually 10 occurs "waiting 30s" err
  bootpd 192.168.64.7 $FAR builder 1,2:0:0:0:0:2 >>leases
  await $waiter 0
  [ "$(cat out)" = 192.168.64.7 ]
}

@test "no lease: 1" {
  bootpd 192.168.64.5 $FAR other 1,2:0:0:0:0:1 >leases
  run --separate-stderr -1 virby-lease -f leases $MAC
  complains "virby-lease: no lease for '$MAC' in 'leases'"
  : >leases
  run --separate-stderr -1 virby-lease -f leases $MAC
  complains "virby-lease: no lease for '$MAC' in 'leases'"
}

@test "no file: 1, and it is said" {
  run --separate-stderr -1 virby-lease -f none/leases $MAC
  complains "virby-lease: no lease for '$MAC': 'none/leases' does not exist"
}

@test "only DUID records: 69 and the remedy" {
  bootpd 192.168.64.5 $FAR builder ff,f1:f5:dd:7f:0:2:0:0:ab:11:9d:5e >leases
  run --separate-stderr -69 virby-lease -f leases $MAC
  complains "virby-lease: no lease for '$MAC' in 'leases': only DUID records seen: '192.168.64.5'
virby-lease: hint: have the guest send its MAC as client id, in systemd-networkd with 'ClientIdentifier=mac'"
}

@test "a file that cannot be read: 71" {
  mkdir leases
  run --separate-stderr -71 virby-lease -f leases $MAC
  complains "virby-lease: cannot read 'leases': Is a directory"
  : >file
  run --separate-stderr -71 virby-lease -f file/leases $MAC
  complains "virby-lease: cannot open 'file/leases': Not a directory"
}

@test "a file of another kind, or too large: 65" {
  echo 'lease 192.168.64.5 { hardware ethernet 02:94:00:0a:01:02; }' >leases
  run --separate-stderr -65 virby-lease -f leases $MAC
  complains "virby-lease: cannot read leases from 'leases': unknown format
virby-lease: hint: known are bootpd's and dnsmasq's files and the output of 'arp -an' and 'ip neigh'"
  run --separate-stderr -65 virby-lease -f /dev/zero $MAC
  complains "virby-lease: '/dev/zero' is larger than 16MiB"
}

@test "what does not go together: 64" {
  hint="virby-lease: hint: see 'virby-lease --help'"
  run --separate-stderr -64 virby-lease 02:94:00:0a:01
  complains "virby-lease: the value '02:94:00:0a:01' is invalid for '<mac>'
virby-lease: hint: write an address such as 02:94:00:0a:01:02"
  run --separate-stderr -64 virby-lease -n builder $MAC
  complains "virby-lease: '<mac>' and '--name' cannot be used together
$hint"
  run --separate-stderr -64 virby-lease -n ''
  complains "virby-lease: '--name' is empty
$hint"
  run --separate-stderr -64 virby-lease --list --json
  complains "virby-lease: '--list' and '--json' cannot be used together
$hint"
  run --separate-stderr -64 virby-lease --list -w 1s
  complains "virby-lease: '--wait' cannot be used with '--list' or '--json'
$hint"
  run --separate-stderr -64 virby-lease -f - -w 1s $MAC
  complains "virby-lease: '--wait' cannot wait for stdin
$hint"
  run --separate-stderr -64 virby-lease -f -
  complains "virby-lease: stdin cannot be both the leases and the events: name a MAC
$hint"
}

@test "an expired lease is the last resort: an answer, and a warning" {
  bootpd 192.168.64.5 0x10 >leases
  run --separate-stderr -0 virby-lease -f leases $MAC
  [ "$output" = 192.168.64.5 ]
  [ "$stderr" = "virby-lease: warning: no live lease for '$MAC': '192.168.64.5' has expired" ]
  run --separate-stderr -0 virby-lease -q -f leases $MAC
  answers 192.168.64.5
}

@test "a record without a client is a last resort too, and one that was declined is not" {
  bootpd 192.168.64.5 | sed /identifier/d >leases
  run --separate-stderr -0 virby-lease -f leases $MAC
  [ "$output" = 192.168.64.5 ]
  [ "$stderr" = "virby-lease: warning: no live lease for '$MAC': '192.168.64.5' is of a lease without a client" ]
  bootpd 192.168.64.6 >>leases
  run --separate-stderr -0 virby-lease -f leases $MAC
  answers 192.168.64.6
  bootpd 192.168.64.5 | sed 's/identifier=/declined=/' >leases
  run --separate-stderr -1 virby-lease -f leases $MAC
}

@test "blanks behind a value and a byte order mark hide nothing" {
  { printf '\xef\xbb\xbf' && bootpd 192.168.64.5 | sed "/lease=/!s/=.*/& \t/"; } >leases
  run --separate-stderr -0 virby-lease -f leases $MAC
  answers 192.168.64.5
}

@test "an address that another client has too is a warning" {
  { bootpd 192.168.64.5 && bootpd 192.168.64.5 $FAR other 1,2:0:0:0:0:1; } >leases
  run --separate-stderr -0 virby-lease -f leases $MAC
  [ "$output" = 192.168.64.5 ]
  [ "$stderr" = "virby-lease: warning: '192.168.64.5' is also leased to '02:00:00:00:00:01'" ]
  run --separate-stderr -0 virby-lease -q -f leases $MAC
  answers 192.168.64.5
}

@test "a bridge that is there makes the others' leases stale" {
  cat >on-a-bridge <<'END'
set -e
mount -t sysfs sysfs /sys
ip link add br0 type bridge
ip addr add 192.168.66.1/24 dev br0
ip link add one type veth peer name other
ip link set one master br0 up
ip link set other up
ip link set br0 up
until ip link show br0 | grep -q LOWER_UP; do sleep 0.05; done
exec "$@"
END
  unshare -rnm sh on-a-bridge true 2>/dev/null || skip "no bridge can be made here"
  { bootpd 192.168.65.5 && bootpd 192.168.66.5 0x7000000; } >leases
  run --separate-stderr -0 virby-lease -f leases $MAC
  answers 192.168.65.5
  run --separate-stderr -0 unshare -rnm sh on-a-bridge virby-lease -f leases $MAC
  [ "$output" = 192.168.66.5 ]
  [ "$stderr" = "virby-lease: warning: no live lease for '$MAC': '192.168.66.5' has expired" ]
}

# --- waiting

@test "waits for a file in a folder that is not there yet" {
  virby-lease -w 30s -f some/where/leases $MAC >out 2>err &
  waiter=$!
  mkdir -p some/where
  bootpd 192.168.64.5 >some/where/leases
  await $waiter 0
  [ "$(cat out)" = 192.168.64.5 ]
  [ ! -s err ]
}

@test "sees a file that is renamed over the old one, before the second is over" {
  bootpd 192.168.64.9 $FAR other 1,2:0:0:0:0:1 >leases
  virby-lease -v -w 30s -f leases $MAC >out 2>err &
  waiter=$!
  eventually 10 occurs "waiting 30s" err
  bootpd 192.168.64.8 $FAR other 1,2:0:0:0:0:1 >leases-
  mv leases- leases
  bootpd 192.168.64.5 >leases-
  mv leases- leases
  await $waiter 0
  [ "$(cat out)" = 192.168.64.5 ]
}

@test "sees a file that is rewritten in place, half of it at a time" {
  : >leases
  virby-lease -v -w 30s -f leases $MAC >out 2>err &
  waiter=$!
  eventually 10 occurs "waiting 30s" err
  bootpd 192.168.64.55 >whole
  for size in 10 30 40 41 60; do head -c $size whole >leases; done
  cat whole >leases
  await $waiter 0
  [ "$(cat out)" = 192.168.64.55 ]
}

@test "the change itself wakes it, not the look of each second" {
  : >leases
  virby-lease -v -w 30s -f leases $MAC >out 2>err &
  waiter=$!
  eventually 10 occurs "waiting 30s" err
  bootpd 192.168.64.5 >leases-
  mv leases- leases
  for _ in {1..12}; do
    gone $waiter && break
    sleep 0.05
  done
  gone $waiter
  await $waiter 0
  [ "$(cat out)" = 192.168.64.5 ]
}

@test "sees a file that is truncated and filled again" {
  bootpd 192.168.64.9 $FAR other 1,2:0:0:0:0:1 >leases
  virby-lease -v -w 30s -f leases $MAC >out 2>err &
  waiter=$!
  eventually 10 occurs "waiting 30s" err
  : >leases
  bootpd 192.168.64.5 >>leases
  await $waiter 0
  [ "$(cat out)" = 192.168.64.5 ]
}

@test "sees a file in a folder that is put in the place of the old one" {
  mkdir db
  bootpd 192.168.64.9 $FAR other 1,2:0:0:0:0:1 >db/leases
  virby-lease -v -w 30s -f db/leases $MAC >out 2>err &
  waiter=$!
  eventually 10 occurs "waiting 30s" err
  mv db old
  mkdir db
  bootpd 192.168.64.5 >db/leases
  await $waiter 0
  [ "$(cat out)" = 192.168.64.5 ]
}

@test "what the system does not report is seen within the second" {
  mkdir elsewhere
  : >elsewhere/leases
  ln -s elsewhere/leases leases
  virby-lease -v -w 30s -f leases $MAC >out 2>err &
  waiter=$!
  eventually 10 occurs "waiting 30s" err
  bootpd 192.168.64.5 >elsewhere/leases
  await $waiter 0
  [ "$(cat out)" = 192.168.64.5 ]
}

@test "what is no file is not waited for: 65" {
  mkfifo fifo
  mkdir folder
  for what in fifo folder; do
    run --separate-stderr -65 timeout 10 virby-lease -w 30s -f $what $MAC
    complains "virby-lease: cannot wait for leases in '$what': not a regular file"
    run --separate-stderr -65 timeout 10 virby-lease -f $what <<<"running mac=$MAC"
    [ "$output" = "running mac=$MAC" ]
    [ "$stderr" = "virby-lease: cannot wait for leases in '$what': not a regular file" ]
  done
}

@test "a FIFO that takes the place of the file while it waits: 65" {
  : >leases
  virby-lease -v -w 30s -f leases $MAC >out 2>err &
  waiter=$!
  eventually 10 occurs "waiting 30s" err
  mkfifo fifo
  mv fifo leases
  await $waiter 65
  [ "$(tail -n 1 err)" = "virby-lease: cannot wait for leases in 'leases': not a regular file" ]
  [ ! -s out ]
}

@test "its reader goes while it waits for an answer: 71" {
  mkfifo through
  virby-lease -v -w 30s -f leases $MAC >through 2>err &
  waiter=$!
  exec 8<through
  eventually 10 occurs "waiting 30s" err
  exec 8<&-
  await $waiter 71
  [ "$(tail -n 1 err)" = "virby-lease: cannot write to stdout: Broken pipe" ]
}

@test "waits for a live lease while there is time, then takes the expired one" {
  bootpd 192.168.64.5 0x10 >leases
  run --separate-stderr -0 virby-lease -v -w 300ms -f leases $MAC
  [ "$output" = 192.168.64.5 ]
  [ "$stderr" = "virby-lease: waiting 300ms for a live lease for '$MAC'
virby-lease: warning: no live lease for '$MAC': '192.168.64.5' has expired" ]
}

@test "the time is over: 75" {
  : >leases
  run --separate-stderr -75 virby-lease -w 200ms -f leases $MAC
  complains "virby-lease: no lease for '$MAC' after 200ms"
  run --separate-stderr -75 virby-lease -w 0s -f none $MAC
  complains "virby-lease: no lease for '$MAC' after 0s: 'none' does not exist"
}

@test "the time is over and only DUIDs were seen: 69" {
  bootpd 192.168.64.5 $FAR builder ff,f1:f5:dd:7f:0:2:0:0:ab:11:9d:5e >leases
  run --separate-stderr -69 virby-lease -w 100ms -f leases $MAC
  [[ $stderr == *"only DUID records seen: '192.168.64.5'"* ]]
}

# --- the table

@test "--list says of each record what becomes of it" {
  {
    bootpd 192.168.64.5
    bootpd 192.168.64.6 0x10
    bootpd 192.168.64.7 $FAR $'\e]0;x\a' 1,2:0:0:0:0:1
    bootpd 192.168.64.8 0xffffffff long ff,f1:f5:dd:7f:0:2
  } >leases
  run --separate-stderr -0 virby-lease --list -f leases $MAC
  left="in $(((FAR - $(date +%s)) / 86400))d"
  past="$((($(date +%s) - 16) / 86400))d ago"
  row='%-14s%-20s%-12s%-12s%s\n'
  # shellcheck disable=SC2059 # the format of every row
  table=$(
    printf "$row" ADDRESS MAC EXPIRES NAME VERDICT
    printf "$row" 192.168.64.5 $MAC "$left" builder 'chosen, live'
    printf "$row" 192.168.64.6 $MAC "$past" builder expired
    printf "$row" 192.168.64.7 02:00:00:00:00:01 "$left" '%1B]0;x%07' 'another client'
    printf "$row" 192.168.64.8 ff,f1:f5:dd:7f:0:2 never long 'MAC behind a DUID'
  )
  answers "$table"
}

@test "--json is an array of what the records hold" {
  {
    bootpd 192.168.64.5
    bootpd 192.168.64.7 0xffffffff $'\e\xff"' ff,f1:f5:dd:7f:0:2
  } >leases
  run --separate-stderr -0 virby-lease --json -f leases
  [ "$stderr" = "" ]
  jq -e '. == [
    {address: "192.168.64.5", mac: "02:94:00:0a:01:02", client: "1,2:94:0:a:1:2", name: "builder",
     expires: 2147483647, verdict: "live"},
    {address: "192.168.64.7", client: "ff,f1:f5:dd:7f:0:2", name: "%1B%FF\"", verdict: "live"}
  ]' <<<"$output"
}

@test "--json says of each record why it was chosen or not" {
  {
    bootpd 192.168.64.5 0x10
    bootpd 192.168.64.6
    bootpd 192.168.64.7
    bootpd 127.0.0.1
    bootpd 192.168.64.8 $FAR other 1,2:0:0:0:0:1
    bootpd 192.168.64.9 $FAR long ff,f1:f5:dd:7f:0:2
    bootpd 192.168.64.10 | sed 's/identifier=/declined=/'
    bootpd 192.168.64.11 | sed /identifier/d
  } >leases
  run --separate-stderr -0 virby-lease --json -f leases $MAC
  [ "$stderr" = "" ]
  jq -e 'map(.verdict) == ["expired", "chosen, live", "later in the file",
    "without a valid address", "another client", "MAC behind a DUID", "declined by the client",
    "without a client id"]' <<<"$output"
}

@test "without a file table and array are empty, with a warning" {
  run --separate-stderr -0 virby-lease --list -f none
  [ "$output" = "ADDRESS  MAC  EXPIRES  NAME  VERDICT" ]
  [ "$stderr" = "virby-lease: warning: 'none' does not exist" ]
  run --separate-stderr -0 virby-lease -q --json -f none
  answers '[]'
}

# --- the filter

@test "the lease follows the line at once, every line passes" {
  bootpd 192.168.64.5 >leases
  run --separate-stderr -0 virby-lease -f leases <<END
starting driver=qemu pid=7 mac=$MAC
running mac=$MAC
later key=value
END
  answers "starting driver=qemu pid=7 mac=$MAC
running mac=$MAC
lease mac=$MAC address=192.168.64.5 expires=2147483647
later key=value"
}

@test "a lease for ever has no end" {
  bootpd 192.168.64.5 0xffffffff >leases
  run --separate-stderr -0 virby-lease -f leases <<<"running mac=2:94:0:a:1:2"
  answers "running mac=2:94:0:a:1:2
lease mac=$MAC address=192.168.64.5"
}

@test "a guest with a known way in needs no lease" {
  run --separate-stderr -0 virby-lease -w 0s -f none <<<"running mac=$MAC at=tcp:127.0.0.1:40022"
  answers "running mac=$MAC at=tcp:127.0.0.1:40022"
}

@test "a lease that comes late follows late, other lines pass meanwhile" {
  filter -f leases
  echo "running mac=$MAC" >&7
  eventually 10 occurs running out
  echo "unknown line=1" >&7
  eventually 10 occurs unknown out
  bootpd 192.168.64.5 >leases
  eventually 10 occurs lease out
  echo "unknown line=2" >&7
  exec 7>&-
  await $filter 0
  [ "$(cat out)" = "running mac=$MAC
unknown line=1
lease mac=$MAC address=192.168.64.5 expires=2147483647
unknown line=2" ]
  [ ! -s err ]
}

@test "two guests each get their own" {
  filter -f leases
  printf 'running mac=%s\n' $MAC 02:00:00:00:00:01 >&7
  eventually 10 occurs 02:00:00:00:00:01 out
  bootpd 192.168.64.7 $FAR other 1,2:0:0:0:0:1 >leases
  eventually 10 occurs 192.168.64.7 out
  bootpd 192.168.64.5 >leases
  eventually 10 occurs 192.168.64.5 out
  exec 7>&-
  await $filter 0
  [ "$(wc -l <out)" -eq 4 ]
}

@test "a guest gets another address while it runs: it is told again, a renewal is not" {
  bootpd 192.168.64.5 0x70000000 >leases
  filter -f leases
  echo "running mac=$MAC" >&7
  eventually 10 occurs address=192.168.64.5 out
  # As bootpd does it: the same lease until later, then another address.
  bootpd 192.168.64.5 0x71000000 >leases-
  mv leases- leases
  bootpd 192.168.64.9 0x72000000 >leases-
  mv leases- leases
  eventually 10 occurs address=192.168.64.9 out
  bootpd 192.168.64.9 0x73000000 >>leases
  bootpd 192.168.64.5 0x74000000 >>leases
  eventually 10 occurs expires=1946157056 out
  exec 7>&-
  await $filter 0
  [ "$(grep -v 'expires=18' out)" = "running mac=$MAC
lease mac=$MAC address=192.168.64.9 expires=1912602624
lease mac=$MAC address=192.168.64.5 expires=1946157056" ]
  [ "$(grep -c 'address=192.168.64.5 expires=18' out)" -eq 1 ]
  [ ! -s err ]
}

@test "a guest that runs again is told of again" {
  bootpd 192.168.64.5 >leases
  run --separate-stderr -0 virby-lease -f leases < <(printf 'running mac=%s\n' $MAC $MAC)
  answers "running mac=$MAC
lease mac=$MAC address=192.168.64.5 expires=2147483647
running mac=$MAC
lease mac=$MAC address=192.168.64.5 expires=2147483647"
}

@test "an expired lease told as the last resort gives way to a live one" {
  bootpd 192.168.64.5 0x10 >leases
  filter -w 100ms -f leases
  echo "running mac=$MAC" >&7
  eventually 10 occurs address=192.168.64.5 out
  bootpd 192.168.64.9 >leases
  eventually 10 occurs address=192.168.64.9 out
  exec 7>&-
  await $filter 0
  [ "$(cat out)" = "running mac=$MAC
lease mac=$MAC address=192.168.64.5 expires=16
lease mac=$MAC address=192.168.64.9 expires=2147483647" ]
  [ "$(cat err)" = "virby-lease: warning: no live lease for '$MAC': '192.168.64.5' has expired" ]
}

@test "a guest that has its address keeps it, whatever becomes of the file" {
  bootpd 192.168.64.5 >leases
  filter -f leases
  echo "running mac=$MAC" >&7
  eventually 10 occurs address=192.168.64.5 out
  rm leases
  echo "no lease file" >leases
  rm leases
  mkfifo leases
  eventually 10 occurs 'not a regular file' err
  rm leases
  bootpd 192.168.64.9 >leases
  eventually 10 occurs address=192.168.64.9 out
  exec 7>&-
  await $filter 0
  [ "$(cat err)" = "virby-lease: warning: '$MAC' keeps '192.168.64.5': cannot wait for leases in 'leases': not a regular file" ]
  [ "$(wc -l <out)" -eq 3 ]
}

@test "a guest that never gets a lease: 75" {
  filter -w 300ms -f leases
  echo "running mac=$MAC" >&7
  await $filter 75
  [ "$(cat out)" = "running mac=$MAC" ]
  [ "$(cat err)" = "virby-lease: no lease for '$MAC' after 300ms: 'leases' does not exist" ]
}

@test "stdin ends while it waits: 0" {
  filter -f leases
  echo "running mac=$MAC" >&7
  eventually 10 occurs running out
  exec 7>&-
  await $filter 0
  [ "$(cat out)" = "running mac=$MAC" ]
  [ ! -s err ]
}

@test "its reader goes while it waits: 0" {
  mkfifo in through
  virby-lease -f leases <in >through 2>err 7>&- &
  filter=$!
  exec 7>in
  exec 8<through
  echo "running mac=$MAC" >&7
  read -r line <&8
  [ "$line" = "running mac=$MAC" ]
  exec 8<&-
  await $filter 0
  [ ! -s err ]
}

@test "TERM and HUP while it waits: 0; INT ends it by INT" {
  for how in TERM:0 HUP:0 INT:130; do
    rm -f in out
    # A background command of a shell without job control ignores INT; its own handler comes back to that.
    set -m
    filter -f leases
    set +m
    echo "running mac=$MAC" >&7
    eventually 10 occurs running out
    kill -s "${how%:*}" "$filter"
    await "$filter" "${how#*:}"
    exec 7>&-
    [ ! -s err ]
  done
}

@test "a line that is no event, or a MAC that is none: 65" {
  run --separate-stderr -65 virby-lease -f none <<<"running"
  complains "virby-lease: line 1: 'running' without 'mac'"
  run --separate-stderr -65 virby-lease -f none <<<"running mac=%1B"
  [ "$output" = "running mac=%1B" ]
  [ "$stderr" = "virby-lease: 'running' with a malformed MAC: '%1B'" ]
}

# --- copied from the manual page

@test "ssh goes to the address, whatever the MAC's spelling" {
  command -v ssh || skip "no ssh"
  bootpd 192.168.64.5 $FAR builder 1,5a:94:ef:e4:c:ee >leases
  for mac in 5A-94-EF-E4-0C-EE 5a:94:ef:e4:0c:ee 5a:94:ef:e4:c:ee; do
    run --separate-stderr -0 ssh -F /dev/null -G builder@"$(virby-lease -f leases $mac)"
    [ "$(grep -E '^(user|hostname) ' <<<"$output")" = "user builder
hostname 192.168.64.5" ]
  done
}

@test "the manual page's login works as it stands there" {
  command -v ssh || skip "no ssh"
  [ "$(uname)" = Linux ] || skip "the system's own lease file is not for a test to write"
  unshare -rm true || skip "no namespaces here"
  login=$(grep '^ssh .*virby-lease 5A-94-EF-E4-0C-EE' "$REPO/man/virby-lease.1")
  echo "0 5a:94:ef:e4:0c:ee 192.168.122.5 builder *" >dnsmasq.leases
  run --separate-stderr -0 unshare -rm bash -c 'mount --bind . /var/lib/misc
    ssh() { command ssh -F /dev/null -T -G "$@"; }
    eval "$1"' bash "$login"
  [ "$stderr" = "" ]
  [ "$(grep -E '^(user|hostname) ' <<<"$output")" = "user builder
hostname 192.168.122.5" ]
}

# --- a real DHCP server

@test "finds the guest to which dnsmasq gives an address, in the pipeline" {
  command -v dnsmasq busybox nsenter || skip "no dnsmasq, busybox or nsenter"
  cat >in-a-network <<'END'
set -e
mount -t sysfs sysfs /sys
ip link set lo up
ip link add br0 type bridge
ip addr add 192.168.66.1/24 dev br0
ip link add one type veth peer name guest address 02:94:00:0a:01:02
ip link set one master br0 up
ip link set br0 up
mkfifo hold
unshare -n sh -c 'echo here; read -r _ <hold' >ready &
guest=$!
until [ -s ready ]; do sleep 0.05; done
ip link set guest netns $guest
dnsmasq --no-daemon --conf-file=/dev/null --port=0 --interface=br0 --bind-interfaces \
  --dhcp-range=192.168.66.10,192.168.66.20,1h --dhcp-leasefile="$PWD/leases" --pid-file= &
mkfifo events
virby-lease -w 30s -f leases <events >out &
lease=$!
exec 7>events
echo running mac=02:94:00:0a:01:02 >&7
nsenter -t $guest -n ip link set guest up
nsenter -t $guest -n busybox udhcpc -i guest -n -q -s /bin/true -F builder
until grep lease out; do sleep 0.05; done
exec 7>&-
wait $lease
virby-lease -f leases -n builder >name
virby-lease --json -f leases 2:94:0:a:1:2 >json
END
  unshare -rnmpf --kill-child --mount-proc true || skip "no namespaces here"
  run --separate-stderr -0 timeout 60 unshare -rnmpf --kill-child --mount-proc sh in-a-network
  read -r end mac address name _ <leases
  [ "$mac $name" = "$MAC builder" ]
  [[ $address == 192.168.66.1? || $address == 192.168.66.20 ]]
  [ "$(cat out)" = "running mac=$MAC
lease mac=$MAC address=$address expires=$end" ]
  [ "$(cat name)" = "$address" ]
  jq -e --arg address "$address" --argjson expires "$end" \
    'map([.address, .expires, .verdict]) == [[$address, $expires, "chosen, live"]]' json
}

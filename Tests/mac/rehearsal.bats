#!/usr/bin/env bats
# A builder's life on the pretended Mac: installed for its Nix, used, idle, new keys, crashes, an upgrade, other options, gone.
# Everything runs as it would there, by launchd, Nix's daemon and vfkit; each test takes the Mac as the last has left it.

load ../e2e/builder
load rig
load virtualization

PATIENCE=100

setup_file() {
  if [ "$(id -u)" != 0 ]; then skip 'needs root to make a Mac'; fi
  export BATS_NO_PARALLELIZE_WITHIN_FILE=true
  build_guest
  mac_setup official
  mac_virtualization amd64
  mac_lingers
  mac_state >"$MAC/before"
}

teardown_file() {
  if [ -n "${MAC-}" ]; then mac_teardown; fi
}

setup() {
  own_folder
  if [ -e "$MAC/failed" ]; then skip 'an earlier test has left another Mac than this one expects'; fi
  job=system/org.nixos.virbyd
  builder=$MAC/root/private/var/lib/virby
  log=$builder/log/virbyd.log
}

teardown() {
  exec 6>&-
  if [ -z "${BATS_TEST_COMPLETED-}" ]; then
    : >"$MAC/failed"
    grep -v ' trying ' "$log" | tail -n 40
    tail -n 20 "$builder/log/serial.log" "$MAC/virtualization"
    tail -n 20 "$MAC/log"
  fi
}

# mac_state: all files, but for what the system keeps of the machines that it has run, and Nix of its builds.
mac_state() {
  mac_tree | grep -Ev '(^|  \./)(private/var/db/dhcpd_leases|nix/var/log)|^private/var/db	'
}

# install OPTION...: from the checkout.
install() {
  mac env VIRBY_BIN=/.rig/bin "${from:-$REPO}/scripts/virby-install" "$@"
}

# build SEED [SECONDS]: a user's Nix has it built, by way of Nix's daemon and its list of machines; prints what came of it.
build() {
  local path
  mac_as admin nix build --extra-experimental-features nix-command --no-link --json --print-build-logs --max-jobs 0 \
    --option substituters '' --file "$REPO/Tests/e2e/hello.nix" --argstr system x86_64-linux --argstr seed "$1" \
    --argstr seconds "${2-0}" >answer 2>nix || {
    cat nix >&2
    return 1
  }
  path=$(jq -r '.[0].outputs.out' answer)
  cat "$MAC/root$path"
}

# builds SEED: it is built, and by the guest.
builds() {
  [[ $(build "$1") == "built by Linux version "*", seed $1" ]]
}

# stay: a client that keeps the VM up until it is told to `leave`.
stay() {
  mkfifo stay
  mac virby ssh 'echo here; cat' <stay >stayed 3>&- &
  client=$!
  exec 6>stay
  eventually "$PATIENCE" occurs here stayed
}

leave() {
  exec 6>&-
  wait "$client"
}

# count TEXT: how often it has been logged.
count() {
  grep -c -e "$1" "$log" || true
}

# more TEXT COUNT: it has been logged more often than that.
more() {
  [ "$(count "$1")" -gt "$2" ]
}

# off: nothing of the machine is left, but for a disk that is in order.
off() {
  eventually 60 nothing_left
  VIRBY_DIR=$builder clean_disk
}

nothing_left() {
  ! mac_machines >/dev/null && ! locked "$builder/disk.img.lock" && [ ! -e "$builder/run" ] &&
    ! mac_linux ip link show bridge100 >/dev/null 2>&1
}

@test "installed: users, job, port, ssh, Nix; nothing runs yet" {
  run -0 --separate-stderr install --image "$VIRBY_IMAGE" --kernel "$VIRBY_KERNEL" --initrd "$VIRBY_INITRD" \
    --cmdline "$VIRBY_CMDLINE" --cores 2 --memory 1GiB --disk-size 8GiB --ttl 5s --set VIRBY_PATIENCE=900s \
    --set VIRBY_STOP_TIMEOUT=120s --set VIRBY_DEBUG=yes
  [ "$stderr" = '' ]
  run -0 mac launchctl print "$job"
  run -0 mac virby-machines --check
  [ "$(mac grep -c ssh-ng://virby-vm /etc/nix/machines)" = 1 ]
  run -0 install
  [ "$output" = 'nothing to do' ]
  run ! mac_machines
}

@test "the first build starts the VM, the next finds it, and when it is idle it is off and its memory is given back" {
  began=$(now)
  builds cold
  figure "rehearsal, cold: nix build done $(since "$began") after it was asked for"
  stay
  began=$(now)
  builds warm
  figure "rehearsal, warm: nix build done after $(since "$began")"
  run -0 mac virby status
  [[ ${lines[0]} == 'vm        ready, since '* ]]
  [ "$(mac_linux ps -o user= -p "$(mac_machines)")" = _virby ]
  leave
  eventually 120 occurs 'stopped how=asked status=0' "$log"
  eventually 10 grep -Eq 'the guest gave back .* of disk, [1-9][0-9]* MiB of memory' "$log"
  off
  run -1 mac virby status
}

@test "new keys, proved by a login; then a build with them" {
  old=$(mac virby-keys fingerprint /var/lib/virby/keys/ssh_user_ed25519_key)
  mac virby rotate
  [ "$(mac virby-keys fingerprint /var/lib/virby/keys/ssh_user_ed25519_key)" != "$old" ]
  builds rotated
}

@test "kill -9 of vfkit, whose machine lives on for a while: the next build waits for the disk" {
  mac_lingers 10
  stay
  before=$(mac_machines)
  mac_linux pkill -KILL -f '/usr/local/bin/vfkit --cpus'
  wait "$client" || true
  builds after
  after=$(mac_machines)
  [ -n "$after" ] && [ "$after" != "$before" ]
  mac_lingers
}

@test "bootout in the middle of a build: the guest powers off and the client is told; loaded again, it builds" {
  build long 3000 >long 2>&1 3>&- &
  client=$!
  eventually "$PATIENCE" occurs 'long> building' nix
  stopped=$(count 'stopped how=asked status=0')
  # 36: it is under way.
  mac launchctl bootout "$job" || [ $? = 36 ]
  run ! wait "$client"
  eventually 120 eval '! mac launchctl print "$job"'
  more 'stopped how=asked status=0' "$stopped"
  off
  run ! mac_linux bash -c '</dev/tcp/127.0.0.1/31222'
  mac launchctl bootstrap system /Library/LaunchDaemons/org.nixos.virbyd.plist
  builds loaded
}

@test "upgraded while the VM runs, which goes on; other options, and the next start has them" {
  stay
  machine=$(mac_machines)
  mkdir "$MAC/root/Users/Shared/next"
  cp -R "$REPO/scripts" "$REPO/templates" "$REPO/man" "$MAC/root/Users/Shared/next"
  echo '# The next version.' >>"$MAC/root/Users/Shared/next/scripts/virby-status"
  from=/Users/Shared/next
  run -0 --separate-stderr install
  [ "$output" = "write '/usr/local/libexec/virby/virby-status'" ]
  [ "$(mac_machines)" = "$machine" ]
  builds upgraded
  [ "$(mac_machines)" = "$machine" ]
  rm -r "$MAC/root/Users/Shared/next"

  run -75 mac virby-install --memory 1536MiB --port 31333
  run -0 mac virby-install --memory 1536MiB --port 31333 --now
  wait "$client" || true
  off
  builds changed
  mac_linux pgrep -f '/usr/local/bin/vfkit --cpus 2 --memory 1536 '
  run -0 mac ssh -G virby-vm
  [[ $output == *$'\nport 31333\n'* ]]
}

@test "uninstalled while the VM runs: off, and nothing is left" {
  stay
  run -0 --separate-stderr mac virby-uninstall --yes
  [ "$stderr" = '' ]
  wait "$client" || true
  run ! mac_machines
  run -113 mac launchctl print "$job"
  run ! mac_linux bash -c '</dev/tcp/127.0.0.1/31333'
  diff "$MAC/before" <(mac_state)
}

#!/usr/bin/env bats
# The scripts, as far as they go without a VM; Tests/e2e has the rest.

load helpers
load scripts

@test "a script that takes no operands says what it is for, and refuses any" {
  for script in virbyd virby-status virby-busy virby-close; do
    run --separate-stderr -0 "$script" --help
    [ -n "$output" ]
    [ "$stderr" = "" ]
    run --separate-stderr -64 "$script" now
    [ "$output" = "" ]
    [ "$stderr" = "$script: unknown argument 'now'
$script: hint: see '$script --help'" ]
  done
}

@test "virby-prepare: without an image there is no disk, and nothing is made" {
  run --separate-stderr -64 virby-prepare
  [ "$output" = "" ]
  [ "$stderr" = "virby-prepare: there is no disk in '$VIRBY_DIR' yet
virby-prepare: hint: set VIRBY_IMAGE to a raw image" ]
  [ ! -e builder ]
}

@test "virby-prepare: disk, keys and ssh_config, then nothing changes; a disk grows and never shrinks" {
  make_image
  export VIRBY_IMAGE=image VIRBY_DISK_SIZE=32MiB
  run --separate-stderr -0 virby-prepare
  [ "$output" = "" ]
  [ "$stderr" = "" ]
  [ "$(cat builder/base)" = image ]
  [ "$(stat -c %a builder builder/disk.img builder/keys builder/ssh_config)" = "700
600
700
600" ]
  before=$(find builder -type f ! -name "*.lock" -exec sha256sum {} +)
  run --separate-stderr -0 virby-prepare
  [ "$(find builder -type f ! -name "*.lock" -exec sha256sum {} +)" = "$before" ]

  VIRBY_DISK_SIZE=64MiB run -0 virby-prepare
  [ "$(stat -c %s builder/disk.img)" = $((64 << 20)) ]
  VIRBY_DISK_SIZE=32MiB run --separate-stderr -0 virby-prepare
  [ "$stderr" = "virby-prepare: warning: '$VIRBY_DIR/disk.img' keeps its 64 MiB, more than VIRBY_DISK_SIZE, 32MiB" ]
  [ "$(stat -c %s builder/disk.img)" = $((64 << 20)) ]
}

@test "virby-prepare --replace: a new disk and no firmware variables, the same keys" {
  prepare
  keys=$(sha256sum builder/keys/ssh_*)
  echo garbage >builder/disk.img.efi
  echo reason >builder/disk.img.unclean
  echo used | dd of=builder/disk.img bs=1M seek=2 conv=notrunc status=none
  run --separate-stderr -0 virby-prepare --replace
  [ "$output" = "" ]
  [ ! -e builder/disk.img.efi ]
  [ ! -e builder/disk.img.unclean ]
  [ "$(sha256sum builder/keys/ssh_*)" = "$keys" ]
  cmp <(dd if=builder/disk.img bs=1M skip=2 count=1 status=none) <(head -c 1M /dev/zero)
}

@test "virby-prepare --replace: a disk in use is left alone" {
  prepare
  exec 8<>builder/disk.img.lock
  flock 8
  run -75 virby-prepare --replace
  exec 8>&-
  [ -e builder/disk.img ]
}

@test "virby-prepare while the VM runs: nothing to do is done, keys and ssh_config are as the settings say" {
  prepare
  exec 8<>builder/disk.img.lock
  flock 8
  run --separate-stderr -0 virby-prepare
  [ "$output$stderr" = "" ]
  rm builder/ssh_config builder/keys/ssh_known_hosts
  VIRBY_PORT=4711 VIRBY_LOG_LEVEL=debug VIRBY_DISK_SIZE=64MiB run --separate-stderr -75 virby-prepare
  [ "${stderr_lines[0]}" = "virby-image: '$VIRBY_DIR/disk.img' is in use by another process" ]
  grep -x '  Port 4711' builder/ssh_config
  grep virby-vm builder/keys/ssh_known_hosts
  [ "$(cat builder/guest/log-level)" = debug ]
  VIRBY_DISK_SIZE=16MiB run --separate-stderr -0 virby-prepare
  [ "$stderr" = "virby-prepare: warning: '$VIRBY_DIR/disk.img' keeps its 32 MiB, more than VIRBY_DISK_SIZE, 16MiB" ]
  exec 8>&-
}

@test "virby-prepare --wait-lock: a disk that becomes free in time" {
  prepare
  export VIRBY_DISK_SIZE=64MiB
  flock builder/disk.img.lock sleep 60 3>&- &
  eventually 5 locked builder/disk.img.lock
  run --separate-stderr -75 virby-prepare
  run --separate-stderr -75 virby-prepare --wait-lock 200ms
  virby-prepare --wait-lock 30s 3>&- &
  preparing=$!
  # It has the lock open when it waits.
  eventually 5 eval 'fuser builder/disk.img.lock 2>/dev/null | grep -qw "$(pgrep -P "$preparing" virby-image)"'
  pkill -KILL -P "$(jobs -p | head -n 1)"
  wait "$preparing"
  [ "$(stat -c %s builder/disk.img)" = $((64 << 20)) ]
  run --separate-stderr -64 virby-prepare --wait-lock
  [ "$stderr" = "virby-prepare: no value for '--wait-lock'
virby-prepare: hint: see 'virby-prepare --help'" ]
  run --separate-stderr -64 virby-prepare --wait-lock soon
  [ "$stderr" = "virby-prepare: 'soon' is not a duration
virby-prepare: hint: write 90s, or 2m" ]
}

# flawed NAME VALUE MESSAGE HINT: virby-prepare refuses that setting, and makes nothing.
flawed() {
  run --separate-stderr -64 env "VIRBY_$1=$2" virby-prepare
  [ "$output" = "" ]
  [ "$stderr" = "virby-prepare: $3
virby-prepare: hint: set VIRBY_$1 to $4" ]
  [ ! -e builder ]
}

@test "virby-prepare: each setting that cannot be used, before anything is made" {
  make_image
  export VIRBY_IMAGE=$PWD/image VIRBY_DISK_SIZE=32MiB
  for port in x 0 65536 123456 -1; do
    flawed PORT "$port" "'$port' is not a port" 'a number from 1 to 65535'
  done
  for size in 10GB 100 0GiB 1e3G GiB 99999999999T; do
    flawed DISK_SIZE "$size" "'$size' is not a disk's size" 'a number with a unit, such as 100GiB'
  done
  for size in 255MiB 64 6GB lots; do
    flawed MEMORY "$size" "'$size' is not a guest's memory" 'a size of 256MiB or more, such as 6GiB'
  done
  for name in MIN_FREE MAX_FREE MAX_USED; do
    flawed $name 5GB "'5GB' is not a size" 'a number with a unit, such as 500MiB or 5GiB'
  done
  for name in TTL PATIENCE STOP_TIMEOUT CLOSE_TIMEOUT BUSY_LIMIT; do
    for time in 90 soon 0s 1.5h; do
      flawed $name "$time" "'$time' is not a duration" 'a number above 0 with a unit, such as 90s, 180m or 3h'
    done
  done
  for number in 0 two -1 1.5; do
    flawed CORES "$number" "'$number' is not a number of processors" 'a whole number from 1 up'
  done
  flawed BUSY virby-bussy "'virby-bussy' is not a command that is there" 'one that is, or to nothing'
  flawed CLOSE 'virby-clos -x' "'virby-clos -x' is not a command that is there" 'one that is, or to nothing'
  flawed DRIVER qumu "'qumu' is not a driver" 'vfkit, krunkit or qemu'
  flawed ARCH x86 "'x86' is not an architecture" 'amd64 or arm64'
  flawed ACCELERATOR xen "'xen' is not an accelerator" 'kvm, hvf or tcg'
  flawed SHARE_BY nfs "'nfs' is not a way to share folders" '9p or virtiofs'
  VIRBY_MEMORY=512 VIRBY_CORES=08 VIRBY_PORT=0080 VIRBY_MIN_FREE=0GiB VIRBY_DRIVER='' VIRBY_BUSY_LIMIT='' VIRBY_TTL=250ms \
    run --separate-stderr -0 virby-prepare
  [ "$stderr" = "" ]
}

@test "virby-prepare: all flaws are told at once; a folder that depends on where one is; an image that is not there" {
  VIRBY_PORT=x VIRBY_TTL=soon VIRBY_MEMORY=2 run --separate-stderr -64 virby-prepare
  [ "$stderr" = "virby-prepare: 'x' is not a port
virby-prepare: hint: set VIRBY_PORT to a number from 1 to 65535
virby-prepare: '2' is not a guest's memory
virby-prepare: hint: set VIRBY_MEMORY to a size of 256MiB or more, such as 6GiB
virby-prepare: 'soon' is not a duration
virby-prepare: hint: set VIRBY_TTL to a number above 0 with a unit, such as 90s, 180m or 3h" ]
  for script in virby-prepare virby-status virby-rotate virbyd; do
    VIRBY_DIR=builder run --separate-stderr -64 "$script"
    [ "$stderr" = "$script: VIRBY_DIR 'builder' is not an absolute path
$script: hint: set it to one that begins with '/'" ]
  done
  VIRBY_IMAGE=nothing run --separate-stderr -71 virby-prepare
  [ "$stderr" = "virby-prepare: cannot read the image 'nothing'
virby-prepare: hint: set VIRBY_IMAGE to a raw image" ]
  [ ! -e builder ]
}

@test "virby-ssh and virby-status before there is a builder" {
  run --separate-stderr -71 virby-ssh true
  [ "$stderr" = "virby-ssh: cannot read '$VIRBY_DIR/ssh_config'
virby-ssh: hint: run 'virby-prepare' first, or run this as a user who may read it" ]
  run --separate-stderr -71 virby-status
  [ "$stderr" = "virby-status: there is no disk in '$VIRBY_DIR'
virby-status: hint: run 'virby-prepare' first" ]
}

@test "virby-ssh: to the guest itself where VIRBY_GUEST says" {
  prepare
  # -G: what ssh would do.
  run -0 virby-ssh -G
  [[ $output == *$'\nhostname 127.0.0.1\nport 31222\n'* ]]
  VIRBY_GUEST=tcp:192.168.64.7:22 run -0 virby-ssh -G
  [[ $output == *$'\nhostname 192.168.64.7\nport 22\n'* ]]
  [[ $output == *$'\nhostkeyalias virby-vm\n'* && $output == *$'\nbatchmode yes\n'* ]]
  VIRBY_GUEST='tcp:[fe80::1]:22' run -0 virby-ssh -G
  [[ $output == *$'\nhostname fe80::1\nport 22\n'* ]]
  VIRBY_GUEST='unix:/a b/100%/ssh.sock' run -0 virby-ssh -G
  grep -Fx 'proxycommand nc -U /a\ b/100%%/ssh.sock' <<<"$output"
  VIRBY_GUEST=192.168.64.7 run --separate-stderr -64 virby-ssh -G
  [ "$stderr" = "virby-ssh: cannot reach a guest at '192.168.64.7'
virby-ssh: hint: write tcp:HOST:PORT or unix:PATH" ]
}

@test "virby-status: the console's log, and how the last run ended if not cleanly" {
  prepare
  run -1 virby-status
  [ "${lines[0]}" = 'vm        down' ]
  [[ $output != *last* ]]
  [[ $output == *"
console   $VIRBY_DIR/log/serial.log" ]]
  printf 'the guest was\033 stopped by force\n' >builder/disk.img.unclean
  run -1 virby-status
  [ "${lines[${#lines[@]} - 1]}" = 'last      did not end cleanly: the guest was stopped by force' ]
}

# holds SCRIPT: a process that has the builder's disk in use, as its lock says, and then does that.
holds() {
  python3 - "$@" 3>&- <<'END' &
import fcntl, os, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN if "deaf" in sys.argv else signal.SIG_DFL)
lock = open("builder/disk.img.lock", "w")
fcntl.flock(lock, fcntl.LOCK_EX)
disk, memory = open("builder/disk.img"), b"x" * (64 << 20)
lock.write(f"{os.getpid()}\n")
lock.flush()
time.sleep(60)
END
  holder=$!
  eventually 10 eval '[ "$(virby-image holder builder/disk.img)" = "$holder" ]'
}

@test "virby-status and virby-close: whoever has the disk in use, whatever its name" {
  prepare
  holds
  run --separate-stderr -0 virby-status
  [[ ${lines[0]} == 'vm        running, since '*20[0-9][0-9]* ]]
  [[ ${lines[1]} == "by        "*"python3"*", pid $holder" ]]
  [[ ${lines[3]} =~ ^'memory    '([0-9]+)' MiB in use, limit 6GiB'$ ]]
  [ "${BASH_REMATCH[1]}" -ge 64 ]
  [ "$stderr" = "" ]
  virby-close
  read -r _ memory <builder/log/closed
  [ "$memory" -ge 65536 ]
  # With fuser alone.
  mkdir bin
  for tool in env bash readlink dirname find fuser ps awk tr xargs echo du cut cat; do ln -s "$(type -P "$tool")" bin; done
  PATH=$PWD/bash:$PWD/bin "$REPO/scripts/virby-close"
  read -r _ memory <builder/log/closed
  [ "$memory" -ge 65536 ]
  kill -KILL "$holder"
  eventually 10 eval '! virby-image holder builder/disk.img'
  run -1 virby-status
}

@test "virby-rotate --restart: a guest that does not power off is waited for, but not for ever" {
  prepare
  VIRBY_PORT=$(shuf -i 20000-32000 -n 1)
  export VIRBY_PORT VIRBY_STOP_TIMEOUT=1s
  holds deaf
  run --separate-stderr -75 virby-rotate --restart
  [ "$output" = "" ]
  [ "$stderr" = "virby-stop: the guest has not powered off; '$VIRBY_DIR/disk.img' is in use by process $holder
virby-stop: hint: what it says is in '$VIRBY_DIR/log'
virby-rotate: hint: both sets of keys stay; run 'virby-rotate' again when the guest is off" ]
  kill -KILL "$holder"
  virby-keys check builder/keys
  [ -e builder/keys/ssh_user_ed25519_key.next ]
  VIRBY_STOP_TIMEOUT=soon run --separate-stderr -64 virby-rotate --restart
  [ "$stderr" = "virby-rotate: 'soon' is not a duration
virby-rotate: hint: set VIRBY_STOP_TIMEOUT to one such as 90s or 2m" ]
}

@test "virby-rotate: wrong usage, and no keys, before anything is done" {
  run --separate-stderr -0 virby-rotate --help
  [[ $output == 'usage: virby-rotate [--restart]'* ]]
  for words in now '--restart now' 'now --restart'; do
    # shellcheck disable=SC2086 # words
    run --separate-stderr -64 virby-rotate $words
    [ "$stderr" = "virby-rotate: unknown argument 'now'
virby-rotate: hint: see 'virby-rotate --help'" ]
  done
  run --separate-stderr -71 virby-rotate
  [ "$stderr" = "virby-rotate: there are no keys in '$VIRBY_DIR' yet
virby-rotate: hint: run 'virby-prepare' first" ]
  [ ! -e builder ]
}

@test "virby-rotate: a builder that no one can reach keeps both sets of keys" {
  make_image
  VIRBY_PORT=$(shuf -i 20000-60000 -n 1)
  export VIRBY_IMAGE=image VIRBY_DISK_SIZE=32MiB VIRBY_PORT
  virby-prepare
  cp -a builder/keys old
  run --separate-stderr -69 virby-rotate
  [ "$output" = "" ]
  [ "$stderr" = "virby-rotate: cannot log in with either the next keys or the present ones
virby-rotate: hint: both stay; see 'virby-status' and '$VIRBY_DIR/log'" ]
  cmp old/ssh_user_ed25519_key builder/keys/ssh_user_ed25519_key
  [ -e builder/keys/ssh_user_ed25519_key.next ]
  [ ! -e builder/known_hosts.next ]
  virby-keys check builder/keys
}

@test "virby-rotate: whoever was let in by virby-allow has the old host key, and is told of" {
  [ "$(id -u)" = 0 ] || skip 'needs root, for namespaces'
  [ -x /usr/sbin/sshd ] || skip 'needs sshd'
  prepare
  mkdir -p /run/sshd builder/allowed
  echo 'ssh-ed25519 AAAA ann' >builder/allowed/ann.pub
  echo 'ssh-ed25519 AAAA bob' >builder/allowed/bob.pub
  cat >place <<'END'
set -euo pipefail
cp /etc/passwd passwd
echo "builder:x:0:0::$PWD:/bin/sh" >>passwd
mount --bind passwd /etc/passwd
ip link set lo up
virby-keys rotate -a virby-vm builder/keys >/dev/null
/usr/sbin/sshd -f /dev/null -h "$PWD/builder/keys/ssh_host_ed25519_key.next" -o ListenAddress=127.0.0.1:31222 -o UsePAM=no \
  -o StrictModes=no -o AuthorizedKeysFile="$PWD/next.pub" -o PidFile="$PWD/sshd.pid"
ssh-keygen -y -f builder/keys/ssh_user_ed25519_key.next >next.pub
trap 'kill "$(cat sshd.pid)"' EXIT
virby-rotate
END
  run --separate-stderr -0 unshare -mn env -u VIRBY_PORT bash place
  [ "$output" = "" ]
  # The Nix of this machine is none of it.
  [ "$(grep -v machines <<<"$stderr")" = "virby-rotate: warning: 'ann', whom virby-allow lets in, has the old host key
virby-rotate: hint: run 'sudo virby-allow ann'
virby-rotate: warning: 'bob', whom virby-allow lets in, has the old host key
virby-rotate: hint: run 'sudo virby-allow bob'" ]
  [ ! -e builder/keys/ssh_user_ed25519_key.next ]
}

@test "virby-busy and virby-close: a guest that nobody has reached is neither busy nor to be put in order" {
  prepare
  run --separate-stderr -1 virby-busy
  [ -z "$output$stderr" ]
  run --separate-stderr -0 virby-close
  [ -z "$output$stderr" ]
  [[ $(cat builder/log/closed) =~ ^[0-9]+\ 0$ ]]
}

@test "virby-close: a limit that is not a size" {
  prepare
  for size in 5 5GB GiB -1GiB 1e3G; do
    VIRBY_MIN_FREE=$size run --separate-stderr -64 virby-close
    [ "$stderr" = "virby-close: '$size' is not a size
virby-close: hint: write 5GiB, or 500MiB" ]
  done
  [ ! -e builder/log/closed ]
}

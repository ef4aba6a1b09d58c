#!/usr/bin/env bats
# virby-boot with a real QEMU and a disk of one boot sector: all that needs no operating system.

load helpers
load machine

# only_the_log: nothing is left beside the disk but its lock and an empty log.
only_the_log() {
  [ "$(ls -A vm)" = "disk.img
disk.img.lock
disk.img.log" ]
  [ ! -s vm/disk.img.log ]
}

@test "--print: qemu by hand, a word a line, and nothing is made" {
  mkdir -p vm/keys/guest
  run --separate-stderr virby-boot --print --accelerator kvm --kernel vm/disk.img --cmdline 'a b' \
    --mac 2:94:0:a:1:2 -c 3 -m 512 --keys vm/keys --serial vm/log vm/disk.img
  [ "$status" -eq 0 ]
  [ "$stderr" = "" ]
  [ "$output" = "umask 077
mkdir -p $here/.disk.img.control $here/.disk.img.control/keys
cp $here/keys/guest/* $here/.disk.img.control/keys
exec qemu-system-x86_64 \\
  -nodefaults \\
  -no-user-config \\
  -no-reboot \\
  -display \\
  none \\
  -machine \\
  q35 \\
  -accel \\
  kvm \\
  -cpu \\
  host \\
  -smp \\
  3 \\
  -m \\
  512 \\
  -kernel \\
  $here/disk.img \\
  -append \\
  'a b' \\
  -drive \\
  if=none,id=disk,format=raw,discard=unmap,file=$here/disk.img \\
  -device \\
  virtio-blk-pci,drive=disk \\
  -netdev \\
  user,id=net,hostfwd=tcp:127.0.0.1:0-:22 \\
  -device \\
  virtio-net-pci,netdev=net,mac=02:94:00:0a:01:02 \\
  -chardev \\
  file,id=console,path=$here/log \\
  -device \\
  virtio-serial-pci \\
  -device \\
  virtconsole,chardev=console \\
  -device \\
  virtio-rng-pci \\
  -virtfs \\
  local,path=$here/.disk.img.control/keys,mount_tag=virby-keys,security_model=none,readonly=on \\
  -chardev \\
  socket,id=qmp,path=$here/.disk.img.control/control.sock,server=on,wait=off \\
  -mon \\
  chardev=qmp,mode=control" ]
  [ "$(ls -A vm)" = "disk.img
keys" ]
}

# by_hand OPTION...: what is printed, run by a shell; the machine comes up and powers off.
by_hand() {
  virby-boot --print --accelerator tcg -m 256 "$@" vm/disk.img >script
  timeout 60 sh <script >said 2>&1 3>&-
  # The virtiofsd of Debian 12 says so when its machine is gone.
  run -1 grep -v '^virtio_loop: Unexpected poll revents' said
}

@test "--print: what it prints runs by hand, with folders and by both ways to share them" {
  mkdir -p "vm/a set/guest" vm/settings
  echo key >"vm/a set/guest/ssh_host_ed25519_key"
  echo line >vm/settings/nix.conf
  make_kernel brief
  by_hand --kernel kernel
  for way in 9p virtiofs; do
    by_hand --kernel kernel --share-by "$way" --keys "vm/a set" --settings vm/settings --share "code=$PWD"
    [ "$(ls vm/.disk.img.control/keys)" = "nix.conf
ssh_host_ed25519_key" ]
    [ "$(stat -c %a vm/.disk.img.control vm/.disk.img.control/keys | sort -u)" = 700 ]
  done
  # What a start by hand has left is no obstacle to the next, and goes.
  virby-boot --accelerator tcg -m 256 --kernel kernel vm/disk.img >events
  [ "$(tail -n 1 events)" = 'stopped how=guest status=0' ]
  [ ! -e vm/.disk.img.control ]
}

@test "--print: by firmware, whose store is made once" {
  virby-boot --print --accelerator tcg vm/disk.img >script
  [ "$(grep -c "^cp .*_VARS.* $here/disk.img.efi$" script)" = 1 ]
  timeout 60 sh <script >said 2>&1 3>&- &
  boot=$!
  eventually 20 test -S vm/.disk.img.control/control.sock
  kill "$boot"
  wait "$boot" || true
  boot=
  [ "$(stat -c %a vm/disk.img.efi)" = 600 ]
  virby-boot --print --accelerator tcg vm/disk.img >script
  run -1 grep '^cp ' script
}

@test "--arch: a foreign guest is emulated, and nothing else can run it" {
  case $(uname -m) in
    x86_64) native=amd64 foreign=arm64 program=qemu-system-aarch64 ;;
    *) native=arm64 foreign=amd64 program=qemu-system-x86_64 ;;
  esac
  run --separate-stderr -0 driver_words -v --arch "$foreign" --kernel vm/disk.img vm/disk.img
  [ "${lines[0]}" = "$program" ]
  [[ $output == *"
-accel
tcg,thread=single
"* ]]
  [ "$stderr" = "virby-boot: accelerator tcg: the host's processor does not run '$foreign'" ]
  run --separate-stderr -0 driver_words --arch "$native" --accelerator kvm --kernel vm/disk.img vm/disk.img
  run --separate-stderr -64 virby-boot --print --arch "$foreign" --accelerator kvm vm/disk.img
  [ "$output" = "" ]
  [ "${stderr_lines[0]}" = "virby-boot: '--accelerator kvm' cannot run '--arch $foreign' on this host" ]
  run --separate-stderr -64 virby-boot --print --arch sparc vm/disk.img
  [ "${stderr_lines[0]}" = "virby-boot: the value 'sparc' is invalid for '--arch <arch>'. Please provide one of 'amd64' and 'arm64'" ]
}

@test "what qemu and vfkit do not support" {
  refused() {
    run --separate-stderr -64 virby-boot --print --driver "$1" "${@:3}" vm/disk.img
    [ "$output" = "" ]
    [ "${stderr_lines[0]}" = "virby-boot: driver '$1' does not support $2" ]
    [ "$(ls -A vm)" = disk.img ]
  }
  refused qemu Rosetta --accelerator tcg --rosetta
  refused qemu "'--timesync'" --accelerator tcg --timesync 1024
  refused qemu "'--ssh vsock'" --accelerator tcg --ssh vsock
  refused vfkit "'--ssh user'" --ssh user
  refused vfkit "'--tap'" --ssh nat --tap tap0
}

@test "--print --driver vfkit: by hand, with the keys' guest part" {
  mkdir -p vm/keys/guest
  run --separate-stderr virby-boot --print --driver vfkit --mac 02:94:00:0a:01:02 \
    -c 8 -m 6GiB --keys vm/keys --rosetta --nested --serial vm/log vm/disk.img
  [ "$status" -eq 0 ]
  [ "$stderr" = "" ]
  [ "$output" = "umask 077
mkdir -p $here/.disk.img.control $here/.disk.img.control/keys
cp $here/keys/guest/* $here/.disk.img.control/keys
exec vfkit \\
  --cpus \\
  8 \\
  --memory \\
  6144 \\
  --bootloader \\
  efi,variable-store=$here/disk.img.efi,create \\
  --device \\
  virtio-blk,path=$here/disk.img \\
  --device \\
  virtio-net,nat,mac=02:94:00:0a:01:02 \\
  --device \\
  virtio-serial,logFilePath=$here/log \\
  --device \\
  virtio-rng \\
  --device \\
  virtio-fs,sharedDir=$here/.disk.img.control/keys,mountTag=virby-keys \\
  --device \\
  rosetta,mountTag=rosetta \\
  --nested \\
  --restful-uri \\
  unix://$here/.disk.img.control/control.sock \\
  --log-level \\
  error" ]
}

@test "--seed: a second disk that is only read" {
  truncate -s 2048 seed.iso
  run --separate-stderr -0 driver_words --accelerator tcg --kernel vm/disk.img --seed seed.iso vm/disk.img
  [[ $output == *"
virtio-blk-pci,drive=disk
-drive
if=none,id=seed,format=raw,readonly=on,file=$PWD/seed.iso
-device
virtio-blk-pci,drive=seed
"* ]]
  run --separate-stderr -0 driver_words --driver vfkit --seed seed.iso vm/disk.img
  [[ $output == *"
virtio-blk,path=$here/disk.img
--device
virtio-blk,path=$PWD/seed.iso,readonly
"* ]]
  # Two machines have the same one, and neither may write to it.
  make_disk vm/other.img
  chmod 400 seed.iso
  start --seed seed.iso
  virby-boot --accelerator tcg -m 256 --seed seed.iso vm/other.img >others 2>&1 3>&- &
  other=$!
  eventually 20 occurs running others
  [ "$(lsof -a -F a -p "$(driver_pid)" seed.iso | sed -n 's/^a//p')" = r ]
  kill -KILL "$other"
  wait "$other" || true
}

@test "a seed that is missing, or that no driver would take for a disk" {
  run --separate-stderr -71 virby-boot --seed nowhere.iso vm/disk.img
  [ "$output" = "" ]
  [ "$stderr" = "virby-boot: cannot open 'nowhere.iso': No such file or directory
virby-boot: hint: make a seed with 'virby-seed'" ]
  run --separate-stderr -64 virby-boot --seed '' vm/disk.img
  [ "${stderr_lines[0]}" = "virby-boot: the value '' is invalid for '--seed'" ]

  malformed() {
    run --separate-stderr -65 virby-boot --seed "$1" vm/disk.img
    [ "$output" = "" ]
    [ "$stderr" = "virby-boot: '$1' is not a seed: $2
virby-boot: hint: make a seed with 'virby-seed'" ]
  }
  : >empty
  malformed empty 'its size is 0 bytes'
  echo user-data >text
  malformed text 'its size is 10 bytes'
  malformed vm 'it is not a regular file'
  mkfifo pipe
  malformed pipe 'it is not a regular file'
  [ "$(ls -A vm)" = disk.img ]
}

@test "the address is the same at each start and another for another disk" {
  make_disk vm/other.img
  first=$(driver_words --driver vfkit vm/disk.img | grep mac=)
  second=$(driver_words --driver vfkit vm/../vm/disk.img | grep mac=)
  other=$(driver_words --driver vfkit vm/other.img | grep mac=)
  [ "$first" = "$second" ]
  [ "$first" != "$other" ]
}

@test "a disk that is missing" {
  run --separate-stderr -71 virby-boot nowhere.img
  [ "$output" = "" ]
  [ "$stderr" = "virby-boot: cannot open 'nowhere.img': No such file or directory
virby-boot: hint: make a disk with 'virby-image create'" ]
}

@test "a disk that is not an image" {
  echo "not a disk" >text.img
  run --separate-stderr -65 virby-boot text.img
  [ "$output" = "" ]
  [ "$stderr" = "virby-boot: 'text.img' is not a disk image: its size is 11 bytes
virby-boot: hint: make a disk with 'virby-image create'" ]

  truncate -s 1M zeros.img
  run --separate-stderr -65 virby-boot zeros.img
  [ "$stderr" = "virby-boot: 'zeros.img' is not a disk image: it has no partition table
virby-boot: hint: make a disk with 'virby-image create', or boot a kernel with '--kernel'" ]

  qemu-img create -q -f qcow2 disk.qcow2 1M
  truncate -s %512 disk.qcow2
  run --separate-stderr -65 virby-boot disk.qcow2
  [ "$stderr" = "virby-boot: 'disk.qcow2' is a qcow2 image, not a raw disk
virby-boot: hint: qemu-img convert -O raw disk.qcow2 disk.img" ]
}

@test "a disk in use, and one that becomes free in time" {
  flock vm/disk.img.lock sleep 60 3>&- &
  holder=$!
  eventually 5 eval '! lock_is_free'
  # Whose number stands there counts only if there is such a process.
  for line in '' 1x $'\n' -1 99999999999 "$(bash -c 'echo $$')"; do
    echo "$line" >vm/disk.img.lock
    run --separate-stderr -75 virby-boot --accelerator tcg vm/disk.img
    [ "$output" = "" ]
    [ "$stderr" = "virby-boot: 'vm/disk.img' is in use by another process
virby-boot: hint: find it with: lsof vm/disk.img.lock" ]
  done
  echo "$holder" >vm/disk.img.lock
  run --separate-stderr -75 virby-boot --accelerator tcg --wait-lock 300ms vm/disk.img
  [ "$stderr" = "virby-boot: 'vm/disk.img' is in use by process $holder
virby-boot: hint: power its guest off with: kill $holder" ]
  [ "$(ls -A vm)" = "disk.img
disk.img.lock" ]

  virby-boot --accelerator tcg -m 256 --wait-lock 20s vm/disk.img >events 2>errors 3>&- &
  boot=$!
  pkill -KILL -P "$holder"
  wait "$holder" || true
  eventually 20 occurs running events
  # The number, and nothing else, for whoever wants to know.
  [ "$(cat vm/disk.img.lock)" = "$boot" ]
  [ "$(stat -c %a vm/disk.img.lock)" = 600 ]
  run ! lock_is_free
}

@test "a wait for the disk is ended by TERM, and by nobody reading the events, with status 0" {
  flock vm/disk.img.lock sleep 60 3>&- &
  holder=$!
  eventually 5 locked vm/disk.img.lock
  virby-boot --accelerator tcg --wait-lock 60s vm/disk.img >events 2>errors 3>&- &
  boot=$!
  # It catches the signal from when it waits.
  eventually 10 eval 'grep -q "^SigCgt:.*4...$" "/proc/$boot/status"'
  kill -TERM "$boot"
  ends 0
  virby-boot --accelerator tcg --wait-lock 60s vm/disk.img 2>>errors 3>&- | true
  [ "${PIPESTATUS[0]}" = 0 ]
  [ "$(cat events errors)" = "" ]
  pkill -P "$holder"
}

@test "the lock is beside the disk, on whatever file: the disk itself is the driver's to lock" {
  ln -s vm/disk.img soft.img
  virby-boot --accelerator tcg -m 256 soft.img >events 2>errors 3>&- &
  boot=$!
  eventually 20 occurs running events
  [ ! -e soft.img.lock ]
  flock -n vm/disk.img true
  run ! lock_is_free
  # A new disk of the same name is the same disk.
  mv vm/disk.img vm/old.img
  make_disk vm/disk.img
  run --separate-stderr -75 virby-boot --accelerator tcg vm/disk.img
  [ "$stderr" = "virby-boot: 'vm/disk.img' is in use by process $boot
virby-boot: hint: power its guest off with: kill $boot" ]
}

@test "a disk that a program has locked which is not Virby's, and one that becomes free in time" {
  locked() {
    run --separate-stderr -75 timeout 60 virby-boot --accelerator tcg "$@" vm/disk.img
    [ "$output" = "" ]
    [ "$stderr" = "virby-boot: 'vm/disk.img' is locked by another program, perhaps a VM that outlived its driver
virby-boot: hint: find it with: lsof vm/disk.img" ]
    lock_is_free
  }
  # As QEMU does, by fcntl(2).
  qemu-system-x86_64 -display none -monitor none -S -drive if=virtio,format=raw,file=vm/disk.img 3>&- &
  holder=$!
  eventually 10 grep -q "OFDLCK.*:$(stat -c %i vm/disk.img) " /proc/locks
  locked
  kill "$holder"
  wait "$holder" || true
  # As Virtualization.framework does, by flock(2).
  flock vm/disk.img sleep 60 3>&- &
  holder=$!
  eventually 5 locked vm/disk.img
  locked
  locked --wait-lock 300ms
  virby-boot --accelerator tcg -m 256 --wait-lock 20s vm/disk.img >events 2>errors 3>&- &
  boot=$!
  eventually 10 eval '! lock_is_free'
  pkill -KILL -P "$holder"
  wait "$holder" || true
  eventually 20 occurs running events
}

@test "a lock that cannot be made, or is not one" {
  lock="$here/disk.img.lock"
  no_lock() {
    run --separate-stderr -71 timeout 60 "${@:2}"
    [ "$output" = "" ]
    [ "$stderr" = "$1" ]
  }
  boots=(virby-boot --accelerator tcg vm/disk.img)
  echo precious >other
  hint="virby-boot: hint: the lock is a file beside the disk, so the folder must be writable"
  ln -s "$PWD/other" vm/disk.img.lock
  no_lock "virby-boot: cannot lock 'vm/disk.img' with '$lock': Too many levels of symbolic links
$hint" "${boots[@]}"
  ln -f other vm/disk.img.lock
  no_lock "virby-boot: cannot lock 'vm/disk.img' with '$lock': it is not a regular file with a single link" "${boots[@]}"
  rm vm/disk.img.lock
  mkfifo vm/disk.img.lock
  no_lock "virby-boot: cannot lock 'vm/disk.img' with '$lock': it is not a regular file with a single link" "${boots[@]}"
  rm vm/disk.img.lock
  [ "$(cat other)" = precious ]

  if [ "$(id -u)" != 0 ]; then skip "needs root for a folder that cannot be written"; fi
  mount --bind vm vm
  mount -o remount,bind,ro vm
  run --separate-stderr -71 timeout 60 "${boots[@]}"
  umount vm
  [ "$stderr" = "virby-boot: cannot lock 'vm/disk.img' with '$lock': Read-only file system
$hint" ]
}

@test "the lock that root makes beside another's disk is that other's" {
  if [ "$(id -u)" != 0 ]; then skip "needs root"; fi
  chown nobody vm/disk.img
  run -69 virby-boot --accelerator tcg --kernel /dev/null vm/disk.img
  [ "$(stat -c '%U %a' vm/disk.img.lock)" = 'nobody 600' ]
}

@test "a bare file system is booted by a kernel, and by no firmware" {
  truncate -s 2M vm/bare.img
  mke2fs -q -t ext4 vm/bare.img
  run --separate-stderr -65 virby-boot --accelerator tcg vm/bare.img
  make_kernel brief
  run --separate-stderr -0 virby-boot --accelerator tcg -m 256 --kernel kernel vm/bare.img
  [ "$stderr" = "" ]
}

@test "a driver that is not installed" {
  run --separate-stderr -69 env PATH="$VIRBY_BIN" virby-boot --driver vfkit vm/disk.img
  [ "$output" = "" ]
  [ "$stderr" = "virby-boot: cannot start 'vfkit': No such file or directory
virby-boot: hint: install it, or add its folder to PATH" ]
  [ "$(ls -A vm)" = "disk.img
disk.img.lock" ]
}

@test "a driver that gives up before the guest runs" {
  run --separate-stderr -69 virby-boot --accelerator tcg -q --kernel /dev/null vm/disk.img
  [[ $output == "starting driver=qemu pid="*"
stopped how=failed status=1" ]]
  [[ $stderr == *"virby-boot: driver 'qemu' exited with status 1 before the guest was running" ]]
  only_the_log
}

@test "events: starting with the driver's pid, running with the way in" {
  start
  grep -E "^starting driver=qemu pid=[0-9]+ mac=([0-9a-f]{2}:){5}[0-9a-f]{2} console=$here/disk.img.log$" events
  grep -E '^running mac=([0-9a-f]{2}:){5}[0-9a-f]{2} at=tcp:127\.0\.0\.1:[0-9]+$' events
  kill -0 "$(driver_pid)"
}

@test "TERM: a guest that does not power off is stopped by force, within the time" {
  start --stop-timeout 2s
  kill -TERM "$boot"
  ends 69
  [ "$(tail -n 2 events)" = "stopping why=signal
stopped how=forced status=0" ]
  [ "$(cat errors)" = "virby-boot: warning: the guest did not power off; telling 'qemu' to quit
virby-boot: the guest was stopped by force" ]
  [ ! -e vm/.disk.img.control ]
  lock_is_free
}

@test "INT again a second later: the driver is killed at once" {
  start
  kill -INT "$boot"
  eventually 5 occurs stopping events
  eventually 10 eval 'kill -INT "$boot"; occurs stopped events' 2>/dev/null
  # By the signal, so that a shell sees it.
  ends 130
  [ "$(tail -n 1 events)" = "stopped how=killed status=137" ]
  gone "$(driver_pid)"
}

@test "TERM to a whole pipeline, and once more from its shell, is one wish: the guest has its time" {
  mkfifo pipe
  virby-boot --accelerator tcg -m 256 --stop-timeout 2s vm/disk.img >pipe 2>errors 3>&- &
  boot=$!
  cat pipe >events 3>&- &
  reader=$!
  eventually 20 occurs running events
  kill -TERM "$boot" "$reader"
  wait "$reader" || true
  kill -TERM "$boot"
  ends 69
  [ "$(cat errors)" = "virby-boot: warning: the guest did not power off; telling 'qemu' to quit
virby-boot: the guest was stopped by force" ]
}

@test "the reader goes away: the guest is stopped" {
  mkfifo pipe
  virby-boot --accelerator tcg -m 256 --stop-timeout 2s vm/disk.img >pipe 2>errors 3>&- &
  boot=$!
  head -n 2 pipe >events
  ends 69
  gone "$(driver_pid)"
  [ ! -e vm/.disk.img.control ]
}

@test "kill -9: the driver follows, the socket and the lock are gone" {
  start --stop-timeout 2s
  [ -S vm/.disk.img.control/control.sock ]
  kill -KILL "$boot"
  eventually 10 gone "$(driver_pid)"
  eventually 10 lock_is_free
  eventually 10 test ! -e vm/.disk.img.control
}

@test "kill -9 of the driver: told, and status 69" {
  start
  kill -KILL "$(driver_pid)"
  ends 69
  [ "$(tail -n 1 events)" = "stopped how=killed status=137" ]
  [ "$(cat errors)" = "virby-boot: driver 'qemu' was killed by signal 9" ]
}

@test "one machine a disk: the second is refused, the first stays" {
  start
  run --separate-stderr -75 virby-boot --accelerator tcg vm/disk.img
  [ "$output" = "" ]
  kill -0 "$(driver_pid)"
  [ -S vm/.disk.img.control/control.sock ]
}

@test "--control: a folder that others may look into is refused" {
  mkdir -m 755 open
  run --separate-stderr -71 virby-boot --accelerator tcg --control open vm/disk.img
  [ "$output" = "" ]
  [ "$stderr" = "virby-boot: cannot use the folder '$(pwd -P)/open': it is not private
virby-boot: hint: name one that is not there yet; it is made" ]
}

@test "a tap device that is not there" {
  run --separate-stderr -71 virby-boot --accelerator tcg --ssh nat --tap notap0 vm/disk.img
  [ "$output" = "" ]
  [ "$stderr" = "virby-boot: cannot attach to the tap device 'notap0': No such device
virby-boot: hint: ip tuntap add mode tap notap0" ]
}

@test "a tap device without permission" {
  if [ "$(id -u)" != 0 ]; then skip "needs root to make a tap device that others may not use"; fi
  run --separate-stderr -71 unshare -n sh -c 'ip tuntap add mode tap user nobody tap0 &&
    exec setpriv --inh-caps=-all --bounding-set=-all \
      virby-boot --accelerator tcg --ssh nat --tap tap0 vm/disk.img'
  [ "$output" = "" ]
  [ "$stderr" = "virby-boot: cannot attach to the tap device 'tap0': Operation not permitted
virby-boot: hint: ip tuntap add mode tap user \$USER tap0" ]
}

@test "more processors or memory than QEMU can have: QEMU says so, and virby-boot that it failed" {
  refused() {
    run --separate-stderr -69 timeout 60 virby-boot --accelerator tcg "${@:2}" vm/disk.img
    [ "$(tail -n 1 <<<"$output")" = 'stopped how=failed status=1' ]
    [[ $stderr == "qemu-system-x86_64: $1"*"
virby-boot: driver 'qemu' exited with status 1 before the guest was running" ]]
    [ ! -e vm/disk.img.unclean ]
    lock_is_free
  }
  refused 'cannot set up guest memory' -m 100T
  refused 'Invalid SMP CPUs 1000' -c 1000
}

@test "--share: no two folders under one tag, nor under that of the keys or of Rosetta" {
  mkdir -p vm/keys/guest
  taken() {
    run --separate-stderr -64 virby-boot --driver vfkit "${@:2}" vm/disk.img
    [ "$output" = "" ]
    [ "$stderr" = "virby-boot: cannot share '$here': the tag '$1' is taken" ]
  }
  taken code --share code=/ --share code=vm
  taken virby-keys --keys vm/keys --share virby-keys=vm
  taken rosetta --rosetta --share rosetta=vm
  run --separate-stderr -64 virby-boot --driver vfkit --share =vm vm/disk.img
  [ "$stderr" = "virby-boot: cannot share '=vm'
virby-boot: hint: write TAG=DIR" ]
}

@test "--share: a tag has 35 bytes at most, 31 by 9p, and a name" {
  tag=$(printf 'é%.0s' {1..15})
  for name in =a=x a= =; do
    run --separate-stderr -64 virby-boot --driver vfkit --share "$name" vm/disk.img
    [ "$output" = "" ]
    [ "$stderr" = "virby-boot: cannot share '$name'
virby-boot: hint: write TAG=DIR" ]
  done
  run --separate-stderr -64 virby-boot --driver vfkit --share "${tag}123456=vm" vm/disk.img
  [ "$stderr" = "virby-boot: cannot share '$here': the tag '${tag}123456' is longer than 35 bytes
virby-boot: hint: choose a shorter tag" ]
  run --separate-stderr -0 driver_words --driver vfkit --share "${tag}12345=vm" vm/disk.img
  run --separate-stderr -0 driver_words --share-by virtiofs --share "${tag}12345=vm" vm/disk.img
  run --separate-stderr -64 virby-boot --print --share "${tag}12=vm" vm/disk.img
  [ "$stderr" = "virby-boot: cannot share '$here' by 9p: the tag '${tag}12' is longer than 31 bytes
virby-boot: hint: choose a shorter tag" ]
  run --separate-stderr -0 driver_words --share "${tag}1=vm" vm/disk.img
}

@test "a separator is one though a combining mark, a joiner or a variation selector follows" {
  for mark in $'\u0301' $'\u200d' $'\ufe0f'; do
    mkdir -p "folder=$mark,${mark}s" '"'"$mark"
    for word in "a,${mark}b=vm" "a=folder=$mark,${mark}s"; do
      run --separate-stderr -64 virby-boot --print --driver vfkit --share "$word" vm/disk.img
      [[ $stderr == *"it contains a ','" ]]
    done
    run --separate-stderr -64 virby-boot --print --driver krunkit --serial "folder=$mark,${mark}s/=$mark" vm/disk.img
    [[ $stderr == *"it contains a '='" ]]
    run --separate-stderr -64 virby-boot --print --driver vfkit --efi-store "\"$mark/store" vm/disk.img
    [[ $stderr == *"it contains a '\"'" ]]
    run --separate-stderr -64 virby-boot --print --driver vfkit --share "$mark" vm/disk.img
    [[ $stderr == *"hint: write TAG=DIR" ]]
    # The first equals sign ends the tag.
    run --separate-stderr -71 virby-boot --print --driver vfkit --share "a=$mark" vm/disk.img
    [[ $stderr == "virby-boot: cannot open '"*"': No such file or directory" ]]
    # For qemu it is doubled, and the words that are printed are a shell's.
    run --separate-stderr -0 driver_words --driver qemu --share "a=folder=$mark,${mark}s" vm/disk.img
    [[ $output == *"local,path=$PWD/folder=$mark,,${mark}s,mount_tag=a,"* ]]
    run --separate-stderr -0 driver_words --driver qemu --kernel vm/disk.img --cmdline "it'${mark}s" vm/disk.img
    [ "$(eval "printf '%s\n' $(tr '\n' ' ' <<<"$output")" | grep "^it'${mark}s$")" = "it'${mark}s" ]
  done
}

@test "one file in two roles is refused, by whatever name" {
  cp vm/disk.img before.img
  both() {
    run --separate-stderr -64 virby-boot --driver "${driver:-vfkit}" "${@:4}" vm/disk.img
    [ "$output" = "" ]
    [ "$stderr" = "virby-boot: cannot use '$1' both as $2
virby-boot: hint: name another file with '$3'" ]
  }
  ln vm/disk.img hard.img
  ln -s vm/disk.img soft.img
  for option in serial:"the console's log" efi-store:"the firmware's variables"; do
    name=--${option%%:*} role=${option#*:}
    both "$here/disk.img" "the disk and as $role" "$name" "$name" vm/disk.img
    both "$here/disk.img" "the disk and as $role" "$name" "$name" vm/../vm/./disk.img
    both "$PWD/hard.img" "the disk and as $role" "$name" "$name" hard.img
    both "$PWD/soft.img" "the disk and as $role" "$name" "$name" soft.img
    both "$here/disk.img.lock" "the disk's lock and as $role" "$name" "$name" vm/disk.img.lock
    both "$here/disk.img.unclean" "the mark of an unclean end and as $role" "$name" "$name" vm/disk.img.unclean
    both "$here/.disk.img.control/control.sock" "the control socket and as $role" "$name" \
      "$name" vm/.disk.img.control/control.sock 2>/dev/null || mkdir -m 700 vm/.disk.img.control
  done
  both "$here/disk.img" "the disk and as the seed" --seed --seed soft.img
  truncate -s 2048 seed.iso
  both "$PWD/seed.iso" "the seed and as the console's log" --serial --seed seed.iso --serial seed.iso
  rm seed.iso
  mv hard.img hard.img.old
  both "$PWD/hard.img.old" "the disk and as the previous console's log" --serial --serial hard.img
  both "$here/disk.img.log" "the firmware's variables and as the console's log" --serial --efi-store vm/disk.img.log
  both "$here/disk.img.log.old" "the firmware's variables and as the previous console's log" --serial \
    --efi-store vm/disk.img.log.old
  both "$here/disk.img.efi" "the firmware's variables and as the console's log" --serial --serial vm/disk.img.efi
  both "$here/disk.img" "the disk and as the control folder" --control --control vm/disk.img
  both "$here/disk.img.lock" "the disk's lock and as the control folder" --control --control vm/disk.img.lock
  both "$here/disk.img.log" "the control folder and as the console's log" --serial --control vm/disk.img.log
  mv vm/disk.img vm/ssh.sock
  ln -s ssh.sock vm/disk.img
  both "$here/ssh.sock" "the disk and as the socket to the guest" --control --ssh vsock --control vm
  rm vm/disk.img
  mv vm/ssh.sock vm/disk.img
  touch kernel
  driver=qemu both "$PWD/kernel" "the kernel and as the console's log" --serial --kernel kernel --serial kernel
  cmp before.img vm/disk.img
  # A kernel and its RAM disk may be one file, and a device anything.
  run --separate-stderr -0 driver_words --kernel vm/disk.img --initrd vm/disk.img --serial /dev/null vm/disk.img
  run --separate-stderr -0 driver_words --kernel /dev/null --serial /dev/null vm/disk.img
}

@test "a name that names no file" {
  for option in keys tap kernel initrd efi-store serial control; do
    run --separate-stderr -64 virby-boot "--$option" '' vm/disk.img
    [ "$output" = "" ]
    [ "$stderr" = "virby-boot: the value '' is invalid for '--$option'
virby-boot: hint: see 'virby-boot --help'" ]
  done
  run --separate-stderr -64 virby-boot ''
  [ "$stderr" = "virby-boot: the value '' is invalid for '<disk>'
virby-boot: hint: see 'virby-boot --help'" ]
  for option in efi-store serial; do
    for name in vm/ . vm/..; do
      run --separate-stderr -64 virby-boot "--$option" "$name" vm/disk.img
      [ "$stderr" = "virby-boot: cannot use '$name': it does not name a file" ]
    done
  done
}

@test "--mac: a group's address, or nobody's, is refused; memory is whole MiB" {
  for address in 1:0:5e:0:0:1 ff:ff:ff:ff:ff:ff 0-0-0-0-0-0 33:33:0:0:0:1; do
    run --separate-stderr -64 virby-boot --mac "$address" vm/disk.img
    [ "$output" = "" ]
    [[ $stderr == "virby-boot: the value '"??:??:??:??:??:??"' is invalid for '--mac': it is not a usable unicast address
virby-boot: hint: see 'virby-boot --help'" ]]
  done
  for size in 1500000K 1073741825B; do
    run --separate-stderr -64 virby-boot -m "$size" vm/disk.img
    [ "$stderr" = "virby-boot: the value '$size' is invalid for '-m <memory>': write a whole number of MiB
virby-boot: hint: see 'virby-boot --help'" ]
  done
  run -0 driver_words --driver vfkit -m 1572864K vm/disk.img
  [[ $output == *--memory$'\n'1536$'\n'* ]]
}

@test "--guard is not for people: nobody's processes are ended" {
  run --separate-stderr -64 virby-boot --guard vm/disk.img
  [ "$output" = "" ]
  [ "$stderr" = "virby-boot: '--guard' is for internal use" ]
}

@test "usage errors name the option" {
  run --separate-stderr -64 virby-boot -m 0 vm/disk.img
  [ "$output" = "" ]
  [ "$stderr" = "virby-boot: the value '0' is invalid for '-m <memory>': write a size such as 6G or 6144MiB
virby-boot: hint: see 'virby-boot --help'" ]
  run --separate-stderr -64 virby-boot --initrd vm/disk.img vm/disk.img
  [ "$stderr" = "virby-boot: '--initrd' and '--cmdline' need '--kernel'
virby-boot: hint: see 'virby-boot --help'" ]
  run --separate-stderr -64 virby-boot --driver qemu --accelerator tcg --ssh nat vm/disk.img
  [ "$stderr" = "virby-boot: driver 'qemu' needs a tap device for '--ssh nat'
virby-boot: hint: give one with '--tap'" ]
  run --separate-stderr -64 virby-boot --driver vfkit --share-by 9p vm/disk.img
  [ "$stderr" = "virby-boot: '--arch', '--accelerator' and '--share-by' need '--driver qemu'
virby-boot: hint: see 'virby-boot --help'" ]
}

@test "--events: a descriptor that gets the events too, those of the end when nobody reads stdout included" {
  { virby-boot --accelerator tcg -m 256 --events fd:7 vm/disk.img 7>copy 2>errors 3>&- & } | head -n 2 >/dev/null
  eventually 30 occurs stopped copy
  [ "$(cut -d ' ' -f 1 copy | xargs)" = 'starting running stopping stopped' ]
  eventually 10 lock_is_free
  start --events fd:7 7>copy
  [ "$(cat copy)" = "$(cat events)" ]
  # The driver does not get it.
  [[ $(readlink "/proc/$(driver_pid)/fd/"*) != */copy* ]]
  kill -TERM "$boot"
  wait "$boot" || true
  boot=
  [ "$(cat copy)" = "$(cat events)" ]
}

@test "--events: a descriptor that is not there, or only to be read from" {
  run --separate-stderr -64 virby-boot --events fd:9 vm/disk.img
  [ "$stderr" = "virby-boot: descriptor 9 is not open for writing
virby-boot: hint: have the shell open it: '--events fd:9 9>FILE'" ]
  run --separate-stderr -64 virby-boot --events fd:9 vm/disk.img 9</dev/null
  [ "${stderr_lines[0]}" = "virby-boot: descriptor 9 is not open for writing" ]
  for word in 9 fd: fd:1 fd:x file; do
    run --separate-stderr -64 virby-boot --events "$word" vm/disk.img
    [ "$output" = "" ]
  done
}

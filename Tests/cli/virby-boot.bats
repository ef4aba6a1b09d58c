#!/usr/bin/env bats
# virby-boot with a real QEMU and a disk of one boot sector: all that needs no operating system.

load helpers
load machine

# only_the_log: nothing is left beside the disk but an empty log.
only_the_log() {
  [ "$(ls -A vm)" = "disk.img
disk.img.log" ]
  [ ! -s vm/disk.img.log ]
}

@test "--print: qemu's argument vector, a word a line, and nothing is made" {
  run --separate-stderr virby-boot --print --accelerator kvm --kernel vm/disk.img --cmdline 'a b' \
    --mac 2:94:0:a:1:2 -c 3 -m 512 --serial vm/log vm/disk.img
  [ "$status" -eq 0 ]
  [ "$stderr" = "" ]
  [ "$output" = "qemu-system-x86_64
-nodefaults
-no-user-config
-no-reboot
-display
none
-machine
q35
-accel
kvm
-cpu
host
-smp
3
-m
512
-kernel
$here/disk.img
-append
'a b'
-drive
if=none,id=disk,format=raw,discard=unmap,file=$here/disk.img
-device
virtio-blk-pci,drive=disk
-netdev
user,id=net,hostfwd=tcp:127.0.0.1:0-:22
-device
virtio-net-pci,netdev=net,mac=02:94:00:0a:01:02
-chardev
file,id=console,path=$here/log
-device
virtio-serial-pci
-device
virtconsole,chardev=console
-device
virtio-rng-pci
-chardev
socket,id=qmp,path=$here/.disk.img.control/control.sock,server=on,wait=off
-mon
chardev=qmp,mode=control" ]
  [ "$(ls -A vm)" = disk.img ]
}

@test "--print --driver vfkit: its argument vector, with the keys' guest part" {
  mkdir -p vm/keys/guest
  run --separate-stderr virby-boot --print --driver vfkit --mac 02:94:00:0a:01:02 \
    -c 8 -m 6GiB --keys vm/keys --rosetta --nested --serial vm/log vm/disk.img
  [ "$status" -eq 0 ]
  [ "$stderr" = "" ]
  [ "$output" = "vfkit
--cpus
8
--memory
6144
--bootloader
efi,variable-store=$here/disk.img.efi,create
--device
virtio-blk,path=$here/disk.img
--device
virtio-net,nat,mac=02:94:00:0a:01:02
--device
virtio-serial,logFilePath=$here/log
--device
virtio-rng
--device
virtio-fs,sharedDir=$here/keys/guest,mountTag=virby-keys
--device
rosetta,mountTag=rosetta
--nested
--restful-uri
unix://$here/.disk.img.control/control.sock
--log-level
error" ]
}

@test "the address is the same at each start and another for another disk" {
  make_disk vm/other.img
  first=$(virby-boot --print --driver vfkit vm/disk.img | grep mac=)
  second=$(virby-boot --print --driver vfkit vm/../vm/disk.img | grep mac=)
  other=$(virby-boot --print --driver vfkit vm/other.img | grep mac=)
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
virby-boot: hint: make a disk with 'virby-image create'" ]

  qemu-img create -q -f qcow2 disk.qcow2 1M
  truncate -s %512 disk.qcow2
  run --separate-stderr -65 virby-boot disk.qcow2
  [ "$stderr" = "virby-boot: 'disk.qcow2' is a qcow2 image; only raw ones can be booted
virby-boot: hint: qemu-img convert -O raw 'disk.qcow2' disk.img" ]
}

@test "a disk in use, and one that becomes free in time" {
  flock vm/disk.img sleep 60 3>&- &
  holder=$!
  eventually 5 eval '! lock_is_free'
  run --separate-stderr -75 virby-boot --accelerator tcg vm/disk.img
  [ "$output" = "" ]
  [ "$stderr" = "virby-boot: 'vm/disk.img' is in use by process $holder
virby-boot: hint: stop the VM that uses it" ]
  [ "$(ls -A vm)" = disk.img ]

  virby-boot --accelerator tcg -m 128 --wait-lock 20s vm/disk.img >events 2>errors 3>&- &
  boot=$!
  pkill -KILL -P "$holder"
  wait "$holder" || true
  eventually 20 occurs running events
}

@test "a driver that is not installed" {
  run --separate-stderr -69 env PATH="$VIRBY_BIN" virby-boot --driver vfkit vm/disk.img
  [ "$output" = "" ]
  [ "$stderr" = "virby-boot: cannot start 'vfkit': No such file or directory
virby-boot: hint: install it, or put its folder into PATH" ]
  only_the_log
}

@test "a driver that gives up before the guest runs" {
  run --separate-stderr -69 virby-boot --accelerator tcg -q --kernel /dev/null vm/disk.img
  [[ $output == "starting driver=qemu pid="*"
stopped how=guest status=1" ]]
  [[ $stderr == *"virby-boot: driver 'qemu' exited with status 1 before the guest was running" ]]
  only_the_log
}

@test "events: starting with the driver's pid, running with the way in" {
  start
  grep -E '^starting driver=qemu pid=[0-9]+ mac=([0-9a-f]{2}:){5}[0-9a-f]{2}$' events
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

@test "TERM again a second later: the driver is killed at once" {
  start
  kill -TERM "$boot"
  eventually 5 occurs stopping events
  eventually 5 eval 'kill -TERM "$boot"; occurs stopped events'
  ends 69
  [ "$(tail -n 1 events)" = "stopped how=killed status=137" ]
  gone "$(driver_pid)"
}

@test "TERM to a whole pipeline, and once more from its shell, is one wish: the guest has its time" {
  mkfifo pipe
  virby-boot --accelerator tcg -m 128 --stop-timeout 2s vm/disk.img >pipe 2>errors 3>&- &
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
  virby-boot --accelerator tcg -m 128 --stop-timeout 2s vm/disk.img >pipe 2>errors 3>&- &
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
  [ "$(cat errors)" = "virby-boot: driver 'qemu' was ended by signal 9" ]
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
virby-boot: hint: chmod 700 it" ]
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
    [ "$(tail -n 1 <<<"$output")" = 'stopped how=guest status=1' ]
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

@test "--guard is not for people: nobody's processes are ended" {
  run --separate-stderr -64 virby-boot --guard vm/disk.img
  [ "$output" = "" ]
  [ "$stderr" = "virby-boot: '--guard' is not to be given" ]
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
  [ "$stderr" = "virby-boot: '--accelerator' and '--share-by' need '--driver qemu'
virby-boot: hint: see 'virby-boot --help'" ]
}

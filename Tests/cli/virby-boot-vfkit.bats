#!/usr/bin/env bats
# virby-boot with vfkit's stand-in: Tests/standins/machine.py tells what STANDIN makes it do.

load helpers
load standins

driver=vfkit

# says_hello SOCKET: the guest's server is behind it.
says_hello() {
  [ "$(printf 'hello\nexit\n' | timeout 20 socat -t 5 - "UNIX-CONNECT:$1")" = "$(printf '%s\n' \
    $'SSH-2.0-standin\r' hello exit)" ]
}

@test "TERM: vfkit is asked over its socket, and the guest powers off" {
  start
  eventually 10 occurs running events
  [ "$(stat -c %a vm/.disk.img.control)" = 700 ]
  [ -S vm/.disk.img.control/control.sock ]
  kill -TERM "$boot"
  ends 0
  events "$running" 'stopping why=signal' 'stopped how=asked status=0'
  errors
  nothing_left
}

@test "the reader goes away: the guest powers off" {
  mkfifo pipe
  vm >pipe 2>errors 3>&- &
  boot=$!
  head -n 2 pipe >events
  ends 0
  errors
  nothing_left
}

@test "the guest powers off by itself" {
  export STANDIN='run=halts seconds=0.2'
  start
  ends 0
  events "$running" 'stopped how=guest status=0'
  errors
  nothing_left
  # It could have been a signal: vfkit ends alike.
  [ -e vm/disk.img.unclean ]
}

@test "an EFI store is made once, and never again" {
  start
  eventually 10 occurs running events
  kill -TERM "$boot"
  ends 0
  [ "$(cat vm/disk.img.efi)" = variables ]
  echo remembered >>vm/disk.img.efi
  start
  eventually 10 occurs running events
  kill -TERM "$boot"
  ends 0
  [ "$(cat vm/disk.img.efi)" = 'variables
remembered' ]
}

@test "an EFI store that another machine makes while the disk is waited for is not made again" {
  flock vm/disk.img.lock sleep 60 3>&- &
  holder=$!
  eventually 5 locked vm/disk.img.lock
  virby-boot --driver vfkit --mac 2:94:0:a:1:2 --wait-lock 20s vm/disk.img >events 2>errors 3>&- &
  boot=$!
  # It waits when it has the disk open.
  eventually 5 eval 'ls -l /proc/$boot/fd 2>/dev/null | grep -q disk.img'
  echo precious >vm/disk.img.efi
  pkill -KILL -P "$holder"
  wait "$holder" || true
  eventually 10 occurs running events
  [ "$(cat vm/disk.img.efi)" = precious ]
  kill -TERM "$boot"
  ends 0
}

@test "every option at once" {
  mkdir -p vm/keys/guest 'vm/a folder'
  truncate -s 2048 seed.iso
  start --seed seed.iso --keys vm/keys --share 'code=vm/a folder' --rosetta --nested --timesync 1024 -c 8 -m 16384 \
    --serial vm/console --efi-store vm/store -v
  eventually 10 occurs running events
  [ "$(cat vm/console)" = "the stand-in's console" ]
  [ "$(stat -c %a vm/console)" = 600 ]
  eventually 5 occurs 'console begins' errors
  kill -TERM "$boot"
  ends 0
  events "$running" 'stopping why=signal' 'stopped how=asked status=0'
  sed -i 's/+[0-9.]* s/+N s/; s/[0-9.]* s after/N s after/' errors
  LC_ALL=C sort -o errors errors
  errors 'level=info msg="virtual machine is running"' \
    'virby-boot: asking the guest to power off, for up to 45.0 s, at +N s' \
    "virby-boot: driver 'vfkit' is up at +N s" \
    'virby-boot: stopped how=asked status=0 at +N s, N s after it was asked to stop' \
    'virby-boot: stopping why=signal at +N s' \
    "virby-boot: the guest's console begins at +N s: the stand-in's console"
}

@test "a kernel is booted directly" {
  # An uncompressed one for arm64, which is all that the framework boots.
  truncate -s 56 kernel
  printf 'ARM\x64' >>kernel
  start --kernel kernel --initrd vm/disk.img --cmdline 'root=PARTLABEL=root, ro'
  eventually 10 occurs running events
  kill -TERM "$boot"
  ends 0
  [ ! -e vm/disk.img.efi ]
  run --separate-stderr -64 vm --kernel vm/disk.img
  [ "$output" = "" ]
  [ "$stderr" = "virby-boot: driver 'vfkit' needs an initrd with the kernel" ]
}

@test "--ssh vsock: the way in is a socket that leads to a server" {
  start --ssh vsock
  eventually 10 occurs running events
  kill -0 "$boot"
  eventually 5 test -S vm/.disk.img.control/ssh.sock
  says_hello vm/.disk.img.control/ssh.sock
  kill -TERM "$boot"
  ends 0
  events "$running at=unix:$here/.disk.img.control/ssh.sock" 'stopping why=signal' \
    'stopped how=asked status=0'
  nothing_left
}

@test "--ssh vsock: virby-forward carries a client to it" {
  mkfifo pipe
  virby-forward -l unix:client.sock <pipe >log 2>&1 3>&- &
  forward=$!
  virby-boot --driver vfkit --ssh vsock vm/disk.img >pipe 2>errors 3>&- &
  boot=$!
  eventually 10 occurs listening log
  says_hello client.sock
  kill -TERM "$boot"
  ends 0
  wait "$forward"
  occurs 'stopped how=asked status=0' log
}

@test "sockets that a killed vfkit left behind are removed" {
  mkdir -m 700 vm/.disk.img.control
  python3 -c '
import socket, sys
for path in sys.argv[1:]: socket.socket(socket.AF_UNIX).bind(path)' \
    vm/.disk.img.control/control.sock vm/.disk.img.control/ssh.sock
  start --ssh vsock
  eventually 10 occurs running events
  eventually 5 test -S vm/.disk.img.control/ssh.sock
  says_hello vm/.disk.img.control/ssh.sock
  kill -TERM "$boot"
  ends 0
  errors
}

@test "names that vfkit would misread" {
  make() {
    mkdir "$1"
    cp vm/disk.img "$1/disk.img"
  }
  make 'a,b'
  run --separate-stderr -64 virby-boot --driver vfkit a,b/disk.img
  [ "$output" = "" ]
  [ "$stderr" = "virby-boot: driver 'vfkit' cannot take '$(pwd -P)/a,b/disk.img': it contains a ','" ]
  [ "$(ls -A a,b)" = disk.img ]

  run --separate-stderr -64 vm --efi-store 'vm/a"b'
  [ "$output" = "" ]
  [ "$stderr" = "virby-boot: driver 'vfkit' cannot take '$here/a\"b': it contains a '\"'" ]
  run --separate-stderr -64 vm --share 'a,b=vm'
  [ "$stderr" = "virby-boot: driver 'vfkit' cannot take 'a,b': it contains a ','" ]
  [ "$(ls -A vm)" = disk.img ]

  # A URL's characters are no trouble, but for the socket of --ssh vsock.
  make 'a b?c#d%41'
  virby-boot --driver vfkit 'a b?c#d%41/disk.img' >events 2>errors 3>&- &
  boot=$!
  eventually 10 occurs running events
  [ -S 'a b?c#d%41/.disk.img.control/control.sock' ]
  kill -TERM "$boot"
  ends 0
  errors
  run --separate-stderr -64 virby-boot --driver vfkit --ssh vsock 'a b?c#d%41/disk.img'
  [ "$output" = "" ]
  [ "$stderr" = "virby-boot: driver 'vfkit' cannot listen at '$(pwd -P)/a b?c#d%41/.disk.img.control/ssh.sock': it would escape part of the name
virby-boot: hint: name another folder with '--control'" ]
}

@test "a control folder whose path is too long for a socket" {
  long=$(printf 'x%.0s' {1..100})
  mkdir "$long"
  run --separate-stderr -64 vm --control "$long"
  [ "$output" = "" ]
  [ "$stderr" = "virby-boot: the control folder '$(pwd -P)/$long' has too long a path for a socket
virby-boot: hint: name a shorter one with '--control'" ]
  [ "$(ls -A "$long")" = "" ]
}

@test "a disk whose size is not a multiple of 512 bytes" {
  truncate -s +100 vm/disk.img
  run --separate-stderr -65 vm
  [ "$output" = "" ]
  [ "$stderr" = "virby-boot: 'vm/disk.img' is not a disk image: its size is 1048676 bytes
virby-boot: hint: make a disk with 'virby-image create'" ]
  [ "$(ls -A vm)" = $'disk.img\ndisk.img.lock' ]
}

@test "a shared folder that is missing" {
  run --separate-stderr -71 vm --share code=nowhere
  [ "$output" = "" ]
  [ "$stderr" = "virby-boot: cannot open 'nowhere': No such file or directory" ]
  [ "$(ls -A vm)" = disk.img ]
}

# fails LINE...: vfkit ends with status 1 before the guest runs, having said so.
fails() {
  run --separate-stderr -69 vm "${options[@]}"
  [ "$(without_pid <<<"$output")" = 'starting driver=vfkit pid=N mac=02:94:00:0a:01:02
stopped how=failed status=1' ]
  [ "$stderr" = "$(printf '%s\n' "$@" \
    "virby-boot: driver 'vfkit' exited with status 1 before the guest was running")" ]
  nothing_left
}

@test "what the Mac has not got: processors, memory, nesting, Rosetta" {
  options=(-c 9)
  fails 'Error: Invalid virtual machine configuration: CPU count' \
    'Invalid virtual machine configuration: CPU count'
  options=(-m 1T)
  fails 'Error: Invalid virtual machine configuration: memory' \
    'Invalid virtual machine configuration: memory'
  export STANDIN=host=m2
  options=(--nested)
  fails 'Error: nested virtualization is not supported' \
    'nested virtualization is not supported'
  export STANDIN=host=bare
  options=(--rosetta)
  fails 'Error: rosetta is not installed' 'rosetta is not installed'
}

@test "no processors, no memory" {
  run --separate-stderr -64 vm -c 0
  [ "$output" = "" ]
  [ "$stderr" = "virby-boot: the value '0' is invalid for '--cpus'
virby-boot: hint: see 'virby-boot --help'" ]
  run --separate-stderr -64 vm -m 0
  [ "$output" = "" ]
  [ "$stderr" = "virby-boot: the value '0' is invalid for '-m <memory>': write a size such as 6G or 6144MiB
virby-boot: hint: see 'virby-boot --help'" ]
  run --separate-stderr -64 vm --timesync 0
  [ "$output" = "" ]
  [ "$stderr" = "virby-boot: the value '0' is invalid for '--timesync'
virby-boot: hint: see 'virby-boot --help'" ]
}

@test "vfkit is for another kind of machine" {
  mkdir bin
  printf '\xcf\xfa\xed\xfe nothing that runs here' >bin/vfkit
  chmod +x bin/vfkit
  PATH=$PWD/bin:$PATH run --separate-stderr -69 vm
  [ "$output" = "" ]
  [ "$stderr" = "virby-boot: cannot start 'vfkit': Exec format error" ]
  nothing_left
}

@test "vfkit is too old for an option, or lacks its entitlement" {
  mkdir bin
  PATH=$PWD/bin:$PATH
  for text in 'Error: unknown flag: --timesync' \
    'Error: Error Domain=VZErrorDomain Code=2 Description="com.apple.security.virtualization"'; do
    printf '#!/bin/sh\necho '"'%s'"' >&2\nexit 1\n' "$text" >bin/vfkit
    chmod +x bin/vfkit
    options=(--timesync 1024)
    fails "$text"
  done
}

@test "vfkit ends at once" {
  export STANDIN=start=exits
  options=()
  fails 'the stand-in cannot start'
  export STANDIN=start=succeeds
  run --separate-stderr -69 vm
  [ "$(tail -n 1 <<<"$output")" = 'stopped how=failed status=0' ]
  [ "$stderr" = "virby-boot: driver 'vfkit' exited with status 0 before the guest was running" ]
}

@test "vfkit ends after a while" {
  export STANDIN='run=exits seconds=0.3'
  start
  ends 69
  events "$running" 'stopped how=failed status=1'
  errors "virby-boot: driver 'vfkit' exited with status 1"
  nothing_left
}

@test "vfkit refuses to start a second time" {
  export STANDIN=start=once
  start
  eventually 10 occurs running events
  kill -TERM "$boot"
  ends 0
  options=()
  fails 'the stand-in cannot start a second time'
}

@test "vfkit writes a gigabyte to stderr" {
  export STANDIN='run=floods mebibytes=1024'
  virby-boot --driver vfkit vm/disk.img 2>/dev/null >events 3>&- &
  boot=$!
  eventually 10 occurs running events
  kill -TERM "$boot"
  ends 0
  [ "$(tail -n 1 events)" = 'stopped how=asked status=0' ]
}

@test "nobody reads what vfkit writes to stderr: it is stopped all the same" {
  unheard
}

@test "vfkit answers with something other than HTTP" {
  STANDIN=state=garbage never_up 69 \
    'cannot ask the driver for its state: it answers with something other than HTTP'
}

@test "vfkit answers with something other than a state, or with nothing" {
  STANDIN=state=other never_up 69 \
    'cannot ask the driver for its state: it answers with something else'
  STANDIN=state=empty never_up 69 \
    'cannot ask the driver for its state: it answers with something else'
}

@test "vfkit answers without end" {
  STANDIN=state=huge never_up 69 \
    'cannot ask the driver for its state: it answers with more than 64KiB'
}

@test "vfkit refuses to tell its state" {
  STANDIN=state=404 never_up 69 \
    'cannot ask the driver for its state: it answers with status 404: the stand-in says\n\u{1B}[31mno'
  STANDIN=state=500 never_up 69 \
    'cannot ask the driver for its state: it answers with status 500: the stand-in says\n\u{1B}[31mno'
}

@test "vfkit's machine is in the state Error" {
  STANDIN=start=error never_up 69 \
    "cannot ask the driver for its state: it is 'VirtualMachineStateError'"
}

@test "vfkit does not listen, or does not answer, or answers half: there is a limit" {
  limit=1s
  for fault in start=deaf start=stuck state=hang state=nothing state=partial; do
    STANDIN=$fault never_up 75 "driver 'vfkit' did not come up within 1s"
  done
}

@test "vfkit listens late" {
  export STANDIN='start=late seconds=1'
  start
  eventually 10 occurs running events
  kill -TERM "$boot"
  ends 0
}

@test "TERM while vfkit comes up, and while it does not answer" {
  for fault in state=hang start=deaf; do
    export STANDIN=$fault
    rm -f vm/disk.img.unclean
    start
    kill -TERM "$boot"
    began=$SECONDS
    ends 69
    # Not the minute that it has unless told.
    ((SECONDS - began < 30))
    # In the state Starting only SIGKILL helps, which is said.
    [[ $(without_pid events) == *$'\nstopping why=signal\nstopped how=killed status='@(0|137|143) ]]
    [ "$(tail -n 1 errors)" = 'virby-boot: the guest was stopped by force' ]
    # What env starts on the way to Python may have the lock a moment longer.
    eventually 5 nothing_left
  done
}

@test "the guest does not react to its power button: vfkit pulls the plug" {
  STANDIN=guest=deaf forced forced 0
  errors "virby-boot: warning: the guest did not power off; telling 'vfkit' to quit" \
    'virby-boot: the guest was stopped by force'
}

@test "the guest takes a while to power off" {
  export STANDIN='guest=slow seconds=5'
  start
  eventually 10 occurs running events
  kill -TERM "$boot"
  ends 0
  events "$running" 'stopping why=signal' 'stopped how=asked status=0'
  errors
}

@test "vfkit ignores Stop" {
  STANDIN=stop=ignored forced forced 0
}

@test "vfkit refuses Stop: it is asked again, then told to quit" {
  for way in 400 500 garbage empty nothing; do
    rm -f vm/disk.img.unclean
    STANDIN=stop=$way forced forced 0
    errors "virby-boot: warning: the guest did not power off; telling 'vfkit' to quit" \
      'virby-boot: the guest was stopped by force'
  done
}

@test "vfkit stops answering: the plug is pulled by a signal" {
  STANDIN='stop=hang hardstop=hang term=ignored' forced killed 137
  errors "virby-boot: warning: the guest did not power off; telling 'vfkit' to quit" \
    "virby-boot: warning: sending SIGKILL to 'vfkit'" 'virby-boot: the guest was stopped by force'
}

@test "vfkit ignores Stop, HardStop and TERM" {
  STANDIN='stop=ignored hardstop=ignored term=ignored' forced killed 137
}

@test "vfkit vanishes when it is asked to stop" {
  export STANDIN=stop=vanish
  start
  eventually 10 occurs running events
  kill -TERM "$boot"
  ends 69
  events "$running" 'stopping why=signal' 'stopped how=killed status=137'
  errors "virby-boot: driver 'vfkit' was killed by signal 9"
  nothing_left
}

@test "vfkit takes five seconds to die: SIGTERM leaves it that time" {
  # It listens but does not answer, so that all the time is the signals'.
  export STANDIN='state=hang guest=deaf'
  start --stop-timeout 15s
  eventually 10 [ -S vm/.disk.img.control/control.sock ]
  kill -TERM "$boot"
  began=$SECONDS
  ends 69
  ((SECONDS - began >= 5))
  events 'stopping why=signal' 'stopped how=killed status=0'
  nothing_left
}

# orphaned EVENT: after it virby-boot is killed, and the guard ends vfkit.
orphaned() {
  eventually 10 occurs "$1" events
  kill -KILL "$boot"
  wait "$boot" || true
  boot=
  # Until then the disk is in use.
  run ! flock -n vm/disk.img.lock true
  eventually 15 gone "$(driver_pid)"
  eventually 5 nothing_left
}

@test "kill -9: the guest powers off cleanly all the same" {
  start --ssh vsock
  orphaned running
  errors 'virby-boot: warning: virby-boot was killed; asking the guest to power off'
}

@test "TERM, and kill -9 before the guest is down, as launchd does: it powers off cleanly" {
  export STANDIN='guest=slow seconds=2'
  start
  eventually 10 occurs running events
  kill -TERM "$boot"
  eventually 5 occurs stopping events
  orphaned stopping
  errors 'virby-boot: warning: virby-boot was killed; asking the guest to power off'
}

@test "kill -9, and the guest is deaf, or vfkit refuses or hangs: the whole ladder, within the time" {
  for fault in guest=deaf stop=500 'stop=hang hardstop=hang term=ignored' end=hangs; do
    rm -f vm/disk.img.unclean
    STANDIN=$fault start --stop-timeout 4s
    orphaned running
    [ "$(head -n 1 errors)" = 'virby-boot: warning: virby-boot was killed; asking the guest to power off' ]
  done
}

@test "kill -9 while vfkit comes up, and it answers nothing of use: it is ended all the same" {
  for fault in start=deaf start=stuck start=error state=hang state=partial; do
    STANDIN="$fault term=ignored" start --stop-timeout 4s
    orphaned starting
  done
}

@test "vfkit does not end though its machine has stopped" {
  STANDIN='end=hangs' forced killed 137
}

@test "TERM and HUP again and again, as launchd and systemd send them: the guest still has its time" {
  export STANDIN='guest=slow seconds=3'
  start
  eventually 10 occurs running events
  kill -TERM "$boot"
  eventually 5 occurs stopping events
  eventually 15 eval 'kill -TERM "$boot"; kill -HUP "$boot"; occurs stopped events' 2>/dev/null
  ends 0
  events "$running" 'stopping why=signal' 'stopped how=asked status=0'
  errors
}

@test "TERM, and one INT: that is not impatience" {
  export STANDIN='guest=slow seconds=2'
  start
  eventually 10 occurs running events
  kill -TERM "$boot"
  eventually 5 occurs stopping events
  kill -INT "$boot"
  ends 0
  events "$running" 'stopping why=signal' 'stopped how=asked status=0'
}

@test "INT again a second later: vfkit is killed at once" {
  export STANDIN=guest=deaf
  start
  eventually 10 occurs running events
  kill -INT "$boot"
  kill -INT "$boot"
  eventually 5 occurs stopping events
  run ! occurs stopped events
  eventually 10 eval 'kill -INT "$boot"; occurs stopped events' 2>/dev/null
  ends 130
  events "$running" 'stopping why=signal' 'stopped how=killed status=137'
}

@test "TERM while vfkit hangs in its start: nothing has run, and it is killed soon" {
  export STANDIN=start=stuck
  start
  kill -TERM "$boot"
  began=$SECONDS
  ends 69
  ((SECONDS - began < 30))
  events 'stopping why=signal' 'stopped how=killed status=137'
  errors "virby-boot: warning: sending SIGKILL to 'vfkit'" 'virby-boot: the guest was stopped by force'
}

@test "the guest crashes while it is asked to power off: that is not called asked" {
  export STANDIN=guest=crashes
  start
  eventually 10 occurs running events
  kill -TERM "$boot"
  ends 69
  events "$running" 'stopping why=signal' 'stopped how=failed status=1'
  errors 'Error: virtualization error: hypervisor virtualization error' \
    'virtualization error: hypervisor virtualization error' "virby-boot: driver 'vfkit' exited with status 1"
  [ "$(cat vm/disk.img.unclean)" = "driver 'vfkit' exited with status 1" ]
}

@test "vfkit is stopped from elsewhere, and its guest cut off: the mark stays, for vfkit does not say so" {
  export STANDIN=guest=deaf
  start
  eventually 10 occurs running events
  kill -TERM "$(driver_pid)"
  ends 0
  events "$running" 'stopped how=guest status=0'
  [ "$(cat vm/disk.img.unclean)" = \
    "it ended unasked; 'vfkit' does not say whether the guest powered off" ]
}

@test "vfkit says that it is stopping before it has stopped: it is not asked again, and not waited for all the time" {
  export STANDIN='end=announced seconds=8'
  start -v
  eventually 10 occurs running events
  kill -TERM "$boot"
  ends 0
  events "$running" 'stopping why=signal' 'stopped how=asked status=0'
  occurs "driver: it is 'VirtualMachineStateStopping'" errors

  export STANDIN='end=announced seconds=600 term=ignored'
  rm -f vm/disk.img.unclean
  start --stop-timeout 10m
  eventually 10 occurs running events
  began=$SECONDS
  kill -TERM "$boot"
  eventually 60 occurs "telling 'vfkit' to quit" errors
  ((SECONDS - began < 60))
  kill -KILL "$(driver_pid)"
  ends 69
}

@test "without curl" {
  mkdir bin
  for tool in env sleep; do ln -s "$(command -v $tool)" bin/; done
  ln -s "$(python3 -c 'import sys; print(sys.executable)')" bin/python3
  run --separate-stderr -69 env PATH="$VIRBY_BIN:$REPO/Tests/standins:$PWD/bin" \
    virby-boot --driver vfkit --mac 2:94:0:a:1:2 vm/disk.img
  given_up
  [ "$stderr" = "virby-boot: cannot start 'curl': No such file or directory
virby-boot: hint: install it, or add its folder to PATH" ]
  nothing_left
}

@test "twenty at once on one disk: one machine" {
  for i in {1..20}; do
    virby-boot --driver vfkit vm/disk.img >"events.$i" 2>"errors.$i" 3>&- &
  done
  eventually 20 grep -q running events.*
  boot=$(pgrep -f -P $$ "virby-boot --driver vfkit" | head -n 1)
  [ "$(grep -l starting events.* | wc -l)" = 1 ]
  kill -TERM "$boot"
  eventually 20 grep -q stopped events.*
  wait
  [ "$(grep -l 'is in use by' errors.* | wc -l)" = 19 ]
  boot=
}

@test "a vfkit that is too old is not started, and one whose version cannot be read is" {
  for version in v0.6.1 v0.5.10 0.6.0-23-g1234567 v0.1.0-rc1; do
    export STANDIN=version=$version
    run --separate-stderr -69 vm
    [ "$output" = "" ]
    number=${version#v}
    [ "$stderr" = "virby-boot: 'vfkit' is too old: its version is ${number%%-*}
virby-boot: hint: install vfkit 0.6.2 or later" ]
    [ "$(ls -A vm)" = "disk.img
disk.img.lock" ]
    # What would be run is shown all the same.
    run -0 vm --print
  done
  for version in v0.6.2 v0.6.10 v0.10.0 1.0.0 v0.6.2-rc1; do
    STANDIN=version=$version start
    eventually 10 occurs running events
    kill -TERM "$boot"
    ends 0
    errors
  done
  for version in b2bc27e '(devel)' v0.6 v0.6.x; do
    STANDIN=version=$version start -v
    eventually 10 occurs running events
    kill -TERM "$boot"
    ends 0
    occurs "virby-boot: cannot read the version of 'vfkit'; assuming 0.6.2 or later" errors
  done
}

@test "a machine that outlives its driver, which was killed: the next start waits for it" {
  export STANDIN='end=lingers seconds=4'
  start
  eventually 10 occurs running events
  kill -KILL "$(driver_pid)"
  ends 69
  unset STANDIN
  run --separate-stderr -75 vm
  [ "$output" = "" ]
  [ "$stderr" = "virby-boot: 'vm/disk.img' is locked by another program, perhaps a VM that outlived its driver
virby-boot: hint: find it with: lsof vm/disk.img" ]
  start --wait-lock 60s
  eventually 30 occurs running events
  kill -TERM "$boot"
  ends 0
}

#!/usr/bin/env bats
# virby-boot with the stand-ins of krunkit and vmnet-helper: STANDIN and VMNET make them misbehave.

load helpers
load standins

driver=krunkit

@test "--print: krunkit by hand, with the network of vmnet-run" {
  mkdir -p vm/keys/guest
  run --separate-stderr vm --print -c 3 -m 6G --keys vm/keys --nested --timesync 1024 --serial vm/log
  [ "$status" -eq 0 ]
  [ "$stderr" = "" ]
  [ "$output" = "umask 077
mkdir -p $here/.disk.img.control $here/.disk.img.control/keys
cp $here/keys/guest/* $here/.disk.img.control/keys
exec vmnet-run \\
  -- \\
  krunkit \\
  --cpus \\
  3 \\
  --memory \\
  6144 \\
  --device \\
  virtio-blk,path=$here/disk.img,format=raw \\
  --device \\
  virtio-net,type=unixgram,fd=4,mac=02:94:00:0a:01:02 \\
  --device \\
  virtio-serial,logFilePath=$here/log \\
  --device \\
  virtio-rng \\
  --device \\
  virtio-fs,sharedDir=$here/.disk.img.control/keys,mountTag=virby-keys \\
  --nested \\
  --timesync \\
  vsockPort=1024 \\
  --restful-uri \\
  unix://$here/.disk.img.control/control.sock \\
  --krun-log-level \\
  1" ]
}

@test "TERM: krunkit is asked over its socket, and the guest powers off" {
  mkdir -p vm/keys/guest
  start --keys vm/keys --nested --timesync 1024 --serial vm/console
  eventually 10 occurs running events
  [ "$(cat vm/console)" = "the stand-in's console" ]
  # It keeps no EFI store of ours.
  [ ! -e vm/disk.img.efi ]
  helper=$(pgrep -P "$boot" -f vmnet-helper)
  kill -TERM "$boot"
  ends 0
  events "$running" 'stopping why=signal' 'stopped how=asked status=0'
  errors
  nothing_left
  gone "$helper"
}

@test "INT: nothing is left when virby-boot ends by it" {
  start
  eventually 10 occurs running events
  helper=$(pgrep -P "$boot" -f vmnet-helper)
  kill -INT "$boot"
  ends 130
  nothing_left
  gone "$helper"
  events "$running" 'stopping why=signal' 'stopped how=asked status=0'
}

@test "the guest powers off by itself" {
  export STANDIN='run=halts seconds=0.2'
  start
  ends 0
  events "$running" 'stopped how=guest status=0'
  errors
}

@test "what krunkit has not got" {
  refused() {
    run --separate-stderr -64 vm "${@:2}"
    [ "$output" = "" ]
    [ "$stderr" = "virby-boot: driver 'krunkit' $1" ]
    [ "$(ls -A vm)" = disk.img ]
  }
  truncate -s 2048 seed.iso
  refused "does not support '--seed'" --seed seed.iso
  refused 'does not support Rosetta' --rosetta
  refused 'cannot boot a kernel directly' --kernel vm/disk.img
  refused "supports only '--ssh nat'" --ssh vsock
  refused "supports only '--ssh nat'" --ssh user
  refused "does not support '--tap'" --ssh nat --tap tap0
  refused 'can give a guest at most 255 processors' -c 256
  refused 'can give a guest at most 60GiB of memory' -m 61G
  mkdir 'a=b'
  refused "cannot take '$(pwd -P)/a=b': it contains a '='" --share 'tag=a=b'
}

@test "the guest does not react to its power button: krunkit gets TERM, for it can only ask" {
  STANDIN=guest=deaf forced killed 143
  errors 'virby-boot: the guest was stopped by force'
}

@test "krunkit stops answering" {
  STANDIN=stop=hang forced killed 143
}

@test "krunkit answers with something other than HTTP" {
  STANDIN=state=garbage never_up 69 \
    'cannot ask the driver for its state: it answers with something other than HTTP'
}

@test "krunkit answers with something other than a state, or ends while it is asked" {
  for way in other empty; do
    STANDIN=state=$way never_up 69 \
      'cannot ask the driver for its state: it answers with something else'
  done
  STANDIN=state=nothing limit=5s never_up 75 "driver 'krunkit' did not come up within 5s"
  rm -f vm/disk.img.unclean
  export STANDIN=stop=vanish
  start
  eventually 10 occurs running events
  kill -TERM "$boot"
  ends 69
  events "$running" 'stopping why=signal' 'stopped how=killed status=137'
  errors "virby-boot: driver 'krunkit' was killed by signal 9"
}

@test "krunkit ignores the wish to stop, and TERM" {
  STANDIN='stop=ignored term=ignored' forced killed 137
  errors "virby-boot: warning: sending SIGKILL to 'krunkit'" 'virby-boot: the guest was stopped by force'
}

@test "krunkit ends after a while, or refuses to start a second time" {
  export STANDIN='run=exits seconds=0.3'
  start
  ends 69
  events "$running" 'stopped how=failed status=1'
  errors "virby-boot: driver 'krunkit' exited with status 1"
  nothing_left

  rm vm/disk.img.unclean
  export STANDIN=start=once
  start
  eventually 10 occurs running events
  kill -TERM "$boot"
  ends 0
  run --separate-stderr -69 vm
  [ "$stderr" = "the stand-in cannot start a second time
virby-boot: driver 'krunkit' exited with status 1 before the guest was running" ]
}

@test "nobody reads what krunkit writes to stderr: it is stopped all the same" {
  unheard
}

@test "krunkit ends at once" {
  export STANDIN=start=exits
  run --separate-stderr -69 vm
  [ "$stderr" = "the stand-in cannot start
virby-boot: driver 'krunkit' exited with status 1 before the guest was running" ]
  nothing_left
}

@test "vmnet-helper is not installed" {
  mkdir bin
  ln -s "$REPO/Tests/standins/krunkit" "$REPO/Tests/standins/machine.py" bin
  PATH=${PATH//$REPO\/Tests\/standins/$PWD/bin}
  run --separate-stderr -69 vm
  [ "$output" = "" ]
  [ "$stderr" = "virby-boot: cannot start 'vmnet-helper': No such file or directory
virby-boot: hint: install it, or add its folder to PATH" ]
  nothing_left
}

@test "vmnet-helper fails: krunkit is not started" {
  export VMNET=fails
  run --separate-stderr -69 vm
  [ "$output" = "" ]
  [ "$stderr" = "ERROR [main] vmnet_start_interface: (1001) general failure
virby-boot: 'vmnet-helper' exited with status 1 before it was up
virby-boot: hint: before macOS 26 it must run as root" ]
  nothing_left
}

@test "vmnet-helper does not come up, and TERM while it is waited for" {
  for fault in mute silent; do
    export VMNET=$fault
    run --separate-stderr -75 vm --start-timeout 1s
    [ "$output" = "" ]
    [ "$stderr" = "virby-boot: 'vmnet-helper' did not come up within 1s" ]
    nothing_left
  done

  virby-boot --driver krunkit vm/disk.img >events 2>errors 3>&- &
  boot=$!
  eventually 5 pgrep -P "$boot" -f vmnet-helper
  kill -TERM "$boot"
  ends 0
  errors
  nothing_left
}

@test "vmnet-helper ends while the guest runs: the guest is powered off" {
  export VMNET=dies
  start
  ends 69
  events "$running" 'stopping why=failure' 'stopped how=asked status=0'
  errors "virby-boot: 'vmnet-helper' exited with status 1 while the guest was running"
}

@test "vmnet-helper ends while krunkit comes up: it is not waited for" {
  export VMNET=dies STANDIN=start=deaf
  start
  began=$SECONDS
  ends 69
  ((SECONDS - began < 30))
  events 'stopping why=failure' 'stopped how=killed status=143'
  errors "virby-boot: 'vmnet-helper' exited with status 1 before the guest was running"
}

@test "vmnet-helper is deaf to TERM: it is killed" {
  export VMNET=deaf
  start
  eventually 10 occurs running events
  kill -TERM "$boot"
  ends 0
  events "$running" 'stopping why=signal' 'stopped how=asked status=0'
}

@test "vmnet-helper is root's, as by sudo, and cannot be killed: it is warned of, and not waited for" {
  if [ "$(id -u)" != 0 ]; then skip 'needs root to make a program that becomes root'; fi
  # As sudo: what anyone runs in this folder, becomes root.
  mkdir -m 700 bin
  cp "$(command -v setpriv)" bin/raise
  chmod 4755 bin/raise
  printf '#!/bin/sh\nexec %s --reuid 0 --regid 0 --clear-groups %s "$@"\n' \
    "$PWD/bin/raise" "$REPO/Tests/standins/vmnet-helper" >bin/vmnet-helper
  chmod 755 bin/vmnet-helper
  # access(2) looks at the user alone.
  chmod 711 "$BATS_RUN_TMPDIR"
  chown -R 65534 vm
  # A user who may read and write here, but not signal root's processes.
  PATH=$PWD/bin:$PATH setpriv --reuid 65534 --regid 65534 --clear-groups \
    --inh-caps -all,+dac_override --ambient-caps -all,+dac_override --bounding-set -kill \
    virby-boot --driver krunkit --mac 2:94:0:a:1:2 vm/disk.img >events 2>errors 3>&- &
  boot=$!
  eventually 30 occurs running events
  helper=$(pgrep -P "$boot" -f vmnet-helper)
  kill -TERM "$boot"
  eventually 30 gone "$boot"
  ends 0
  events "$running" 'stopping why=signal' 'stopped how=asked status=0'
  kill -KILL "$helper"
  errors "virby-boot: warning: cannot stop 'vmnet-helper', process $helper: Operation not permitted"
  nothing_left
}

@test "kill -9: krunkit and vmnet-helper follow" {
  start
  eventually 10 occurs running events
  helper=$(pgrep -P "$boot" -f vmnet-helper)
  kill -KILL "$boot"
  wait "$boot" || true
  boot=
  eventually 15 gone "$(driver_pid)"
  eventually 15 gone "$helper"
  eventually 5 nothing_left
  errors 'virby-boot: warning: virby-boot was killed; asking the guest to power off'
}

#!/usr/bin/env bats
# The stand-in for krunkit takes the same lock as that for vfkit.

load helpers

setup() {
  own_folder
  PATH=$REPO/Tests/standins:$PATH
  truncate -s 1M disk.img
  krunkit=
}

teardown() {
  if [ -n "$krunkit" ]; then kill -KILL "$krunkit" $(pgrep -P "$krunkit") 2>/dev/null || true; fi
}

# runs SOCKET: krunkit, on a network that sends every frame back, until the machine has stopped.
runs() {
  python3 -c '
import socket, subprocess, sys, threading
ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
def carry():
    while True:
        ours.send(ours.recv(2048))
threading.Thread(target=carry, daemon=True).start()
network = f"virtio-net,type=unixgram,fd={theirs.fileno()},mac=02:94:00:0a:01:02"
sys.exit(subprocess.call(["krunkit", "--cpus", "1", "--memory", "512", "--device", "virtio-blk,path=disk.img,format=raw",
    "--device", network, "--restful-uri", "unix://" + sys.argv[1]], pass_fds=[theirs.fileno()]))' "$PWD/$1"
}

is_up() {
  curl -s --unix-socket control.sock http://krunkit/vm/state | grep -aq Running
}

@test "the disk is locked while the machine runs, and none runs on a locked disk" {
  runs control.sock >log 2>&1 3>&- &
  krunkit=$!
  eventually 10 is_up
  run ! flock -n -s disk.img true
  run -1 runs other.sock
  [[ $output == 'Error: Error Domain=VZErrorDomain Code=2 '* ]]
  curl -s --unix-socket control.sock -d '' http://krunkit/vm/state | grep -aq Stopping
  wait "$krunkit"
  krunkit=
  flock -n disk.img true
}

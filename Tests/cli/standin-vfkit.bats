#!/usr/bin/env bats
# The stand-in for vfkit is as unkind as vfkit.

load helpers

setup() {
  own_folder
  PATH=$REPO/Tests/standins:$PATH
  truncate -s 1M disk.img
  vfkit=
}

teardown() {
  if [ -n "$vfkit" ]; then
    kill -KILL "$vfkit" 2>/dev/null || true
    wait "$vfkit" 2>/dev/null || true
  fi
}

# runs [SOCKET]: vfkit in the background, the guest's SSH server behind that socket.
runs() {
  rm -f store
  vfkit --bootloader efi,variable-store=store,create --device virtio-blk,path=disk.img \
    --device virtio-net,nat,mac=02:94:00:0a:01:02 --restful-uri "unix://$PWD/control.sock" \
    ${1+--device "virtio-vsock,port=22,socketURL=$1,connect"} >log 2>&1 3>&- &
  vfkit=$!
}

# ends STATUS: it ends by itself, with that status.
ends() {
  local status=0
  wait "$vfkit" || status=$?
  vfkit=
  [ "$status" -eq "$1" ]
}

state() {
  curl -s --unix-socket control.sock http://vfkit/vm/state | jq -r .state
}

is() {
  [ "$(state)" = "VirtualMachineState$1" ]
}

# order WORD: what it answers, and with which status.
order() {
  curl -s -w ' %{http_code}' --unix-socket control.sock -d "{\"state\":\"$1\"}" http://vfkit/vm/state
}

# exclusive [-s]: the disk is locked, so that nobody else has it, not even shared.
exclusive() {
  run ! flock -n "$@" disk.img true
}

@test "the disk is locked while the machine runs, as Virtualization.framework does" {
  runs
  eventually 10 is Running
  exclusive
  exclusive -s
  order Stop
  ends 0
  flock -n disk.img true
}

@test "where the disk is locked already the machine does not start, whoever inherits the lock" {
  for kind in -x -s; do
    flock -n "$kind" -o disk.img sleep 60 3>&- &
    holder=$!
    eventually 5 locked disk.img
    runs
    ends 1
    kill "$holder"
    wait "$holder" || true
    grep -F 'Error Domain=VZErrorDomain Code=2 Description="Invalid virtual machine configuration. The storage device attachment is invalid."' log
    rm -f control.sock
  done
  # A lock that is handed down to it is another's all the same.
  exec 8<>disk.img
  flock -n 8
  runs
  ends 1
  exec 8>&-
}

@test "where the disk is locked older systems hang" {
  flock -n -o disk.img sleep 60 3>&- &
  holder=$!
  eventually 5 locked disk.img
  STANDIN=lock=hangs runs
  eventually 10 is Starting
  kill "$holder"
  kill -KILL "$vfkit"
  ends 137
}

@test "kill -9: the machine's process keeps the disk locked a while, out of reach of the driver's group" {
  STANDIN='end=lingers seconds=60' runs
  eventually 10 is Running
  group=$(ps -o pgid= -p "$vfkit")
  kill -KILL "$vfkit"
  ends 137
  exclusive
  service=$(fuser disk.img 2>/dev/null)
  [ "$(ps -o pgid= -p "$service")" != "$group" ]
  kill -KILL "$service"
  eventually 5 flock -n disk.img true

  rm -f control.sock
  STANDIN='end=lingers seconds=0.2' runs
  eventually 10 is Running
  kill -KILL "$vfkit"
  ends 137
  eventually 10 flock -n disk.img true
}

@test "the machine's process ends with a machine that stops" {
  STANDIN='end=lingers seconds=60' runs
  eventually 10 is Running
  order Stop
  ends 0
  eventually 5 flock -n disk.img true
}

@test "in the state Starting neither Stop nor HardStop nor TERM helps, only SIGKILL" {
  STANDIN=start=stuck runs
  eventually 10 is Starting
  for word in Stop HardStop; do
    [ "$(order "$word")" = '{"error": "Error Domain=VZErrorDomain Code=4 Description=\"Invalid virtual machine state transition.\""} 500' ]
  done
  kill -TERM "$vfkit"
  kill -INT "$vfkit"
  # It answers, and so it is alive.
  is Starting
  kill -KILL "$vfkit"
  ends 137
}

@test "TERM: the guest powers off; if it is deaf the plug is pulled after five seconds, with status 0 too" {
  runs
  eventually 10 is Running
  kill -TERM "$vfkit"
  ends 0

  STANDIN=guest=deaf runs
  eventually 10 is Running
  began=$SECONDS
  kill -TERM "$vfkit"
  ends 0
  ((SECONDS - began >= 4))
  [ ! -e control.sock ]
}

@test "a guest that crashes while it is asked: status 1" {
  STANDIN=guest=crashes runs
  eventually 10 is Running
  [ "$(order Stop)" = ' 202' ]
  ends 1
  [ "$(tail -n 1 log)" = 'virtualization error: hypervisor virtualization error' ]
}

@test "Stopping may be announced before Stopped, and is no state in which to be told anything" {
  STANDIN='end=announced seconds=2' runs
  eventually 10 is Running
  order Stop
  eventually 10 is Stopping
  [[ $(order Stop) == *' 500' ]]
  [[ $(order HardStop) == *' 500' ]]
  ends 0
}

@test "what is no order" {
  runs
  eventually 10 is Running
  [ "$(order stop)" = '{"error": "invalid new VMState: stop"} 500' ]
  [[ $(curl -s -w ' %{http_code}' --unix-socket control.sock -d Stop http://vfkit/vm/state) == *' 400' ]]
  [ "$(curl -s -o /dev/null -w '%{http_code}' --unix-socket control.sock http://vfkit/vm/stop)" = 404 ]
  is Running
}

@test "where the REST server cannot listen vfkit ends, and where that of vsock cannot it runs on" {
  : >control.sock
  runs
  ends 1
  [ "$(tail -n 1 log)" = "level=fatal msg=\"listen unix $PWD/control.sock: Address already in use\"" ]
  rm control.sock
  : >ssh.sock
  runs "$PWD/ssh.sock"
  eventually 10 occurs 'level=warning msg="error exposing vsock port 22:' log
  is Running
  # A relative name is a port of the URL's host, and no good one.
  order Stop
  ends 0
  runs ssh.sock
  eventually 10 occurs 'level=warning msg="error exposing vsock port 22: parse' log
  is Running
}

@test "vsock: the socket's name is what the path is in a URL" {
  while read -r path name; do
    runs "$PWD/${path//_/ }"
    eventually 10 test -S "$name"
    order Stop
    ends 0
    [ ! -e "$name" ]
  done <<'END'
ssh.sock ssh.sock
a_b a%20b
a%41 a%41
a%20b a%20b
a[b a[b
a?b a
a#b a
é %C3%A9
(a) (a)
END
}

@test "vsock: the guest never hears of a client's end, and a client that hangs up leaves a connection behind" {
  runs "$PWD/ssh.sock"
  eventually 10 test -S ssh.sock
  descriptors() { find "/proc/$vfkit/fd" -lname 'socket:*' | wc -l; }
  before=$(descriptors)
  # The client has said all, and waits for the server's end in vain.
  socat -t 60 - UNIX-CONNECT:ssh.sock <<<hello >said 3>&- &
  client=$!
  eventually 10 occurs hello said
  kill -0 "$client"
  kill "$client"
  wait "$client" || true
  [ "$(descriptors)" -gt "$before" ]
  # One whose session the guest ends is closed on both sides.
  left=$(descriptors)
  run -0 timeout 20 socat -t 10 - UNIX-CONNECT:ssh.sock <<<exit
  [ "$output" = $'SSH-2.0-standin\r\nexit' ]
  eventually 5 eval '[ "$(descriptors)" -eq "$left" ]'
}

@test "vsock: while nothing listens in the guest a client is sent away" {
  STANDIN='ssh=late seconds=1' runs "$PWD/ssh.sock"
  eventually 10 test -S ssh.sock
  [ "$(socat -u UNIX-CONNECT:ssh.sock -)" = "" ]
  greeted() { timeout 2 socat -u UNIX-CONNECT:ssh.sock - | grep -q SSH-2.0; }
  eventually 20 greeted
}

@test "--version" {
  [ "$(vfkit --version)" = 'vfkit version: v0.6.4' ]
  [ "$(STANDIN=version=v0.6.1 vfkit -v)" = 'vfkit version: v0.6.1' ]
}

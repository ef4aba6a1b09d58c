# One stage of the pipeline in the background, and the peers of virby-forward: `load helpers`, then `load stage`.
#
# STAGE is its process, descriptor 8 its standard input; its events go to the file 'events', what it says to
# 'errors'. Whatever is in PIDS is killed when the test is over. Ports are the system's choice, times are
# deadlines: SERVER is the port of the last server, PORT that of virby-forward.
# shellcheck shell=bash disable=SC2094

PEER=$REPO/Tests/cli/peer.py

setup() {
  own_folder
  PIDS=()
}

teardown() {
  local pid
  for pid in "${PIDS[@]}"; do
    disown "$pid" 2>/dev/null || true
    kill -KILL "$pid" 2>/dev/null || true
  done
}

# stage COMMAND ARGUMENT...
stage() {
  rm -f in events
  mkfifo in
  "$@" <in >events 2>errors 3>&- &
  STAGE=$!
  PIDS+=("$STAGE")
  exec 8>in
}

# alone COMMAND ARGUMENT...: a stage that no events come to.
alone() {
  "$@" >events 2>errors 3>&- &
  STAGE=$!
  PIDS+=("$STAGE")
}

# ends STATUS: the stage has ended with that status.
ends() {
  ended_with "$STAGE" "$1"
}

# ended_with PID STATUS: the process has ended with that status.
ended_with() {
  local status=0
  eventually 60 ended "$1"
  wait "$1" || status=$?
  [ "$status" -eq "$2" ]
}

# The process has ended, though nobody may have waited for it yet.
ended() {
  case $(ps -o stat= -p "$1") in '' | Z*) ;; *) return 1 ;; esac
}

# at_rest PID: the process uses no time and is not woken up for a second.
at_rest() {
  [ -e "/proc/$1/status" ] || skip 'needs /proc'
  local before
  before=$(grep ctxt_switches "/proc/$1/status")
  sleep 1
  [ "$before" = "$(grep ctxt_switches "/proc/$1/status")" ]
}

# same FILE: the file is what stands on standard input.
same() {
  diff "$1" -
}

# server PLAN...: a server in the background; SERVER is its port, its log the file 'server'.
server() {
  python3 "$PEER" server "$@" >server 2>server.errors 3>&- 8>&- &
  PIDS+=($!)
  eventually 60 test -s server
  SERVER=$(head -n 1 server)
}

client() {
  python3 "$PEER" client "$PORT" "$@" 3>&- 8>&-
}

# later FILE COMMAND...: the command in the background, its output in the file, the events' end not held.
later() {
  local file=$1
  shift
  # Not through the function: teardown is to kill the client, not a shell around it.
  [ "$1" != client ] || set -- python3 "$PEER" client "$PORT" "${@:2}"
  "$@" >"$file" 2>"$file.errors" 3>&- 8>&- 9>&- &
  PIDS+=($!)
}

# forward ARGUMENT...: virby-forward with events from descriptor 8 and to the file 'events'.
forward() {
  stage virby-forward "$@"
  listens
}

# by_hand ARGUMENT...: virby-forward to the server, ready when it accepts.
by_hand() {
  forward "$@" -l 127.0.0.1:0 "127.0.0.1:$SERVER"
}

listens() {
  eventually 60 occurs listening events
  PORT=$(sed -n '1s/^listening at=tcp:127\.0\.0\.1://p' events)
}

running() {
  echo "running mac=02:00:00:00:00:01 at=tcp:127.0.0.1:$SERVER" >&8
}

# ssh_keys: what ssh_server and ssh_client need; skips the test where there is no sshd.
ssh_keys() {
  [ -x /usr/sbin/sshd ] || skip 'needs sshd'
  # sshd insists on its separation folder when it runs as root.
  [ "$(id -u)" -ne 0 ] || mkdir -p /run/sshd
  ssh-keygen -q -t ed25519 -N '' -f host
  ssh-keygen -q -t ed25519 -N '' -f user
}

# ssh_server OPTION...: a real sshd on the port SERVER; SSHD is its process.
ssh_server() {
  /usr/sbin/sshd -D -f /dev/null -p "$SERVER" -h "$PWD/host" -o ListenAddress=127.0.0.1 -o UsePAM=no \
    -o AuthorizedKeysFile="$PWD/user.pub" -o StrictModes=no -o PidFile=none "$@" 2>sshd.errors 3>&- 8>&- &
  SSHD=$!
  PIDS+=("$SSHD")
}

# ssh_client FILE ARGUMENT...: logs in through virby-forward, later.
ssh_client() {
  later "$1" ssh -n -p "$PORT" -i user -F none -o IdentitiesOnly=yes -o BatchMode=yes \
    -o LogLevel=ERROR -o StrictHostKeyChecking=no -o UserKnownHostsFile=known 127.0.0.1 "${@:2}"
}

# A port that was free a moment ago, and is none of those that the system gives away by itself.
free_port() {
  python3 -c '
import random, socket
while True:
    try:
        port = random.randrange(10000, 32768)
        socket.create_server(("127.0.0.1", port)).close()
        break
    except OSError:
        pass
print(port)'
}

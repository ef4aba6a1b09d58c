# virby-forward between a server and clients: `load helpers`, then `load relay`.
#
# Ports are the system's choice, times are deadlines. SERVER is the port of the last server, PORT that of
# virby-forward, FORWARD its process. The rest is as in stage.bash.
# shellcheck shell=bash disable=SC2094

. "$(dirname "${BASH_SOURCE[0]}")/stage.bash"
PEER=$REPO/Tests/cli/peer.py

# server PLAN...: a server in the background; SERVER is its port, its log the file 'server'.
server() {
  python3 "$PEER" server "$@" >server 2>server.errors 3>&- 8>&- &
  PIDS+=($!)
  eventually 10 test -s server
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
  FORWARD=$STAGE
  listens
}

listens() {
  eventually 10 occurs listening events
  PORT=$(sed -n '1s/^listening at=tcp:127\.0\.0\.1://p' events)
}

running() {
  echo "running mac=02:00:00:00:00:01 at=tcp:127.0.0.1:$SERVER" >&8
}

# ends STATUS: virby-forward has ended with that status.
ends() {
  ended_with "$FORWARD" "$1"
}

# A port that was free a moment ago.
free_port() {
  python3 -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

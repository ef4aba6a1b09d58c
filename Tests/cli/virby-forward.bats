# virby-forward between real sockets. Ports are the system's choice, times are deadlines.

load helpers
load stage

@test "by hand: the client may speak first, and every event is told" {
  server echo
  alone virby-forward -l 127.0.0.1:0 "127.0.0.1:$SERVER"
  listens
  run -0 client connect send:hello end greeting read
  [ "$output" = "b'hello\\nbye\\n'" ]
  eventually 5 occurs close events
  kill "$STAGE"
  ends 0
  same events <<EOF
listening at=tcp:127.0.0.1:$PORT
open id=1 active=1
ready at=tcp:127.0.0.1:$SERVER
close id=1 active=0 in=6 out=24
EOF
  [ ! -s errors ]
}

@test "a malformed line: the lines before it are passed on, waiting clients are closed, status 65" {
  forward -l 127.0.0.1:0
  later answer client connect mark:connected read
  eventually 5 test -e connected
  printf 'starting driver=qemu pid=7 mac=m\nwhatever  \n' >&8
  ends 65
  same events <<EOF
listening at=tcp:127.0.0.1:$PORT
starting driver=qemu pid=7 mac=m
EOF
  same errors <<<"virby-forward: line 2: has a word that is not 'key=value'"
  eventually 5 test -s answer
}

@test "unknown verbs and keys pass unchanged" {
  server echo
  forward -l 127.0.0.1:0
  echo 'shaken not=stirred' >&8
  echo 'starting driver=qemu pid=7 mac=m colour=blue' >&8
  eventually 5 occurs colour=blue events
  same events <<EOF
listening at=tcp:127.0.0.1:$PORT
shaken not=stirred
starting driver=qemu pid=7 mac=m colour=blue
EOF
}

@test "a client that comes before the guest is known is held in the backlog, then served" {
  server echo
  forward -l 127.0.0.1:0
  later answer client connect mark:connected send:early end greeting read
  eventually 5 test -e connected
  echo 'shaken not=stirred' >&8
  eventually 5 occurs stirred events
  run -1 grep -q open events
  running
  eventually 10 occurs early answer
  eventually 5 occurs close events
  same events <<EOF
listening at=tcp:127.0.0.1:$PORT
shaken not=stirred
running mac=02:00:00:00:00:01 at=tcp:127.0.0.1:$SERVER
open id=1 active=1
ready at=tcp:127.0.0.1:$SERVER
close id=1 active=0 in=6 out=24
EOF
}

@test "a server that resets while it boots is tried again, one attempt at a time, for two clients" {
  server reset reset reset reset echo
  forward -l 127.0.0.1:0
  running
  later one client connect send:one end greeting read
  later two client connect send:two end greeting read
  eventually 20 occurs one one
  eventually 20 occurs two two
  eventually 5 occurs 'close id=2' events
  [ "$(grep -c ^ready events)" -eq 1 ]
  [ "$(grep -c '^reset 1$' server)" -eq 4 ]
  run -1 grep -q '^reset 2$' server
  [ ! -s errors ]
}

@test "a server that speaks and hangs up has refused, and is tried again" {
  server crowded crowded echo
  forward -v -l 127.0.0.1:0
  running
  run -0 client connect send:x end greeting read
  [[ $output == *bye* ]]
  eventually 5 occurs close events
  [ "$(sed -n '2,$p' server | cut -d' ' -f1 | paste -sd' ')" = "crowded crowded echo" ]
}

@test "a server that only speaks and hangs up: the client is told so" {
  server crowded
  forward -l 127.0.0.1:0 --patience 1s
  running
  run -0 client connect read
  [ "$output" = "b''" ]
  eventually 5 occurs close events
  same errors <<<"virby-forward: warning: closed client 1 after 1s without an answer from the guest: it said 'Exceeded MaxStartups' and hung up"
}

@test "a greeting that is not SSH's arrives whole" {
  server mail
  forward -l 127.0.0.1:0
  running
  run -0 client connect send:hello end read
  [ "$output" = "b'220 mail\\r\\nhello\\n'" ]
}

@test "a server that refuses is tried again until it listens" {
  SERVER=$(free_port)
  forward -v -l 127.0.0.1:0
  running
  later answer client connect end read
  eventually 10 occurs 'trying' errors
  socat "TCP-LISTEN:$SERVER,bind=127.0.0.1,reuseaddr" "SYSTEM:echo hello; cat" 3>&- 8>&- &
  PIDS+=($!)
  eventually 10 occurs hello answer
}

@test "a server that accepts and stays silent is tried again" {
  server silent echo
  forward -l 127.0.0.1:0
  running
  later answer client connect send:x end greeting read
  eventually 15 occurs bye answer
  eventually 5 occurs close events
  [ "$(sed -n '2,$p' server | cut -d' ' -f1 | paste -sd' ')" = "silent echo" ]
}

@test "a server that is there but takes 3 s to greet gets eight attempts at most" {
  server slow:3
  forward -l 127.0.0.1:0
  running
  run -0 client connect greeting send:hello end read
  [ "$output" = "b'hello\\n'" ]
  [ "$(grep -c '^slow' server)" -le 8 ]
}

@test "once the guest has answered, if only with a reset, silence means load, and one attempt is made" {
  server reset slow:3
  forward -l 127.0.0.1:0
  running
  run -0 client connect greeting send:hello end read
  [ "$output" = "b'hello\\n'" ]
  [ "$(sed -n '2,$p' server | paste -sd' ')" = "reset 1 slow:3 1" ]
}

@test "a client is closed when its patience has passed, and told why" {
  server reset
  forward -l 127.0.0.1:0 --patience 1s
  running
  run -0 client connect read
  [ "$output" = "b''" ]
  eventually 5 occurs close events
  same errors <<<"virby-forward: warning: closed client 1 after 1s without an answer from the guest: Connection reset by peer"
  [ "$(tail -n 1 events)" = "close id=1 active=0 in=0 out=0" ]
}

@test "a client whose server stays silent is closed when its patience has passed, and told why" {
  server silent
  forward -l 127.0.0.1:0 --patience 1s
  running
  run -0 client connect read
  [ "$output" = "b''" ]
  eventually 5 occurs close events
  same errors <<<"virby-forward: warning: closed client 1 after 1s without an answer from the guest: it stayed silent"
}

@test "a held client that resets is freed, and the next one tries" {
  server silent
  forward -v -l 127.0.0.1:0
  running
  later gone client connect wait:go reset
  eventually 10 occurs 'silent 1' server
  later two client connect read
  eventually 10 occurs 'open id=2' events
  run ! occurs 'client 2: trying' errors
  touch go
  eventually 5 occurs 'close id=1 active=1 in=0 out=0' events
  eventually 5 occurs 'client 2: trying' errors
}

@test "an end of the server leaves the client talking" {
  server end
  forward -l 127.0.0.1:0
  running
  run -0 client connect greeting read send:more end
  [ "$output" = "b''" ]
  eventually 5 occurs "got b'more" server
  eventually 5 occurs 'close id=1 active=0 in=5 out=14' events
}

@test "a reset by the server reaches the client as a reset" {
  server break
  forward -l 127.0.0.1:0
  running
  run -0 client connect greeting send:x read
  [ "$output" = ConnectionResetError ]
  eventually 5 occurs 'close id=1' events
}

@test "the last words before a reset are delivered, and the reset after them" {
  server farewell
  forward -l 127.0.0.1:0
  running
  run -0 client connect greeting send:x read
  [ "$output" = "b'enough\\n' ConnectionResetError" ]
}

@test "a reset by the client reaches the server as a reset" {
  server hold
  forward -l 127.0.0.1:0
  running
  client connect greeting reset
  eventually 5 occurs ConnectionResetError server
  run -1 grep -q ended server
  eventually 5 occurs 'close id=1' events
}

@test "a server that does not read stops the client, and memory stays bounded" {
  server deaf
  forward -l 127.0.0.1:0
  running
  later answer client connect greeting stuff wait:go reset
  eventually 20 occurs taken answer
  [ "$(ps -o rss= -p "$STAGE")" -lt 40000 ]
  at_rest "$STAGE"
  touch go
  eventually 5 occurs 'close id=1' events
}

@test "64 MiB each way at once arrive intact" {
  server both:67108864
  forward -l 127.0.0.1:0
  running
  run -0 client connect greeting both:67108864
  local sent received
  read -r _ sent _ received <<<"$output"
  eventually 10 occurs "sent $received received $sent" server
  eventually 5 occurs 'close id=1 active=0 in=67108864 out=67108878' events
}

@test "two clients are served at once, and ids count up" {
  server echo
  forward -l 127.0.0.1:0
  running
  later one client connect greeting wait:go send:one end read
  eventually 10 occurs ready events
  later two client connect greeting wait:go send:two end read
  eventually 10 occurs 'open id=2 active=2' events
  touch go
  eventually 10 occurs one one
  eventually 10 occurs two two
  eventually 5 occurs 'active=0' events
}

@test "more clients than descriptors wait in the backlog, and no time is burnt" {
  server echo
  ulimit -n 20
  forward -l 127.0.0.1:0
  running
  local number
  for number in 1 2 3 4; do
    later "answer$number" client connect "mark:connected$number" greeting wait:go "send:$number" end read
  done
  for number in 1 2 3 4; do eventually 10 test -e "connected$number"; done
  eventually 10 occurs 'open id=2 active=2' events
  eventually 10 occurs 'echo 2' server
  at_rest "$STAGE"
  run -1 grep -q 'open id=3' events
  touch go
  for number in 1 2 3 4; do eventually 10 occurs "$number" "answer$number"; done
  eventually 5 occurs 'active=0' events
  [ ! -s errors ]
}

@test "a shortage of descriptors is waited out" {
  command -v prlimit >/dev/null || skip 'needs prlimit'
  server echo
  forward -l 127.0.0.1:0
  running
  eventually 5 occurs running events
  local free=0
  while [ -e "/proc/$STAGE/fd/$free" ]; do free=$((free + 1)); done
  # The first free number is past the limit: accept(2) says EMFILE.
  prlimit --pid "$STAGE" --nofile="$free:1024"
  later answer client connect send:patient end greeting read
  eventually 5 occurs 'virby-forward: warning: cannot accept a connection now: Too many open files' errors
  run -1 grep -q open events
  # One more: the client is accepted, but no attempt can be made for it.
  prlimit --pid "$STAGE" --nofile="$((free + 1)):1024"
  eventually 5 occurs 'open id=1' events
  prlimit --pid "$STAGE" --nofile=1024:1024
  eventually 10 occurs patient answer
  eventually 5 occurs 'close id=1' events
}

@test "a shortage of descriptors does not keep waiting clients from being closed" {
  command -v prlimit >/dev/null || skip 'needs prlimit'
  forward -l 127.0.0.1:0
  later answer client connect mark:connected read
  eventually 5 test -e connected
  local free=0
  while [ -e "/proc/$STAGE/fd/$free" ]; do free=$((free + 1)); done
  prlimit --pid "$STAGE" --nofile="$free:1024"
  exec 8>&-
  ends 69
  # A listening socket that is closed would have reset it.
  eventually 5 occurs "b''" answer
}

# traced ERROR [WHEN]: accept4(2) of virby-forward answers with the error.
traced() {
  command -v strace >/dev/null || skip 'needs strace'
  strace -qq -e trace=accept4 -e "inject=accept4:error=$1${2:+:when=$2}" -p "$STAGE" -o trace 3>&- 8>&- &
  PIDS+=($!)
  eventually 5 grep -q "^TracerPid:.[1-9]" "/proc/$STAGE/status"
}

@test "clients that are lost while they are accepted do not keep the others waiting" {
  server echo
  by_hand
  traced ECONNABORTED 1..30
  run -0 client connect send:x end greeting read
  [[ $output == *bye* ]]
  [ "$(grep -c ECONNABORTED trace)" -eq 30 ]
  [ ! -s errors ]
}

@test "a socket that only ever fails is given up after some seconds, and no time is burnt" {
  server echo
  by_hand
  traced ENETDOWN
  later answer client connect read
  ends 71
  same errors <<END
virby-forward: warning: cannot accept a connection now: Network is down
virby-forward: cannot accept connections on '127.0.0.1:$PORT': Network is down
END
  [ "$(grep -c ENETDOWN trace)" -lt 1000 ]
}

@test "a socket that is dead is given up at once" {
  server echo
  by_hand
  traced EINVAL
  later answer client connect read
  ends 71
  same errors <<<"virby-forward: cannot accept connections on '127.0.0.1:$PORT': Invalid argument"
}

@test "stdin that ends before the guest is known: waiting clients are closed, status 69" {
  forward -l 127.0.0.1:0
  later answer client connect mark:connected read
  eventually 5 test -e connected
  exec 8>&-
  ends 69
  same errors <<<"virby-forward: the VM ended before it could be reached"
  eventually 5 grep -qxe "b''" -e ConnectionResetError answer
}

@test "stdin that ends with an open connection: it gets a short grace, then a reset" {
  server hold
  forward -l 127.0.0.1:0
  running
  later answer client connect greeting read
  eventually 10 occurs ready events
  exec 8>&-
  ends 0
  eventually 5 occurs ConnectionResetError answer
  [ "$(tail -n 1 events)" = "close id=1 active=0 in=0 out=14" ]
}

@test "a hangup stops accepting and lets the open connection finish" {
  server echo
  mkfifo in out
  virby-forward -l 127.0.0.1:0 <in >out 2>errors 3>&- &
  STAGE=$!
  PIDS+=("$STAGE")
  exec 8>in 9<out
  read -r line <&9
  PORT=${line##*:}
  running
  later answer client connect greeting wait:go send:still end read
  while read -r -t 10 line <&9; do [[ $line == ready* ]] && break; done
  exec 9<&-
  eventually 5 refuses
  kill -0 "$STAGE"
  touch go
  eventually 5 occurs still answer
  ends 0
  [ ! -s errors ]
}

# Nobody listens on the port.
refuses() {
  ! socat -u /dev/null "TCP:127.0.0.1:$PORT" 2>/dev/null
}

@test "SIGTERM lets the open connection finish" {
  server echo
  by_hand
  later answer client connect mark:connected wait:go send:still end greeting read
  eventually 10 occurs ready events
  kill "$STAGE"
  eventually 5 refuses
  touch go
  eventually 10 occurs still answer
  ends 0
  [ ! -s errors ]
}

@test "SIGTERM, SIGHUP and SIGTERM again: an idle connection has ten seconds, and is reset then" {
  server hold
  by_hand -v
  later answer client connect greeting mark:heard read
  eventually 10 test -e heard
  local began=$SECONDS signal
  for signal in TERM HUP TERM; do
    kill -"$signal" "$STAGE"
    eventually 5 refuses
  done
  eventually 60 occurs ConnectionResetError answer
  [ $((SECONDS - began)) -ge 9 ]
  ends 0
  occurs 'virby-forward: stopping; open connections have 10s to finish' errors
  [ "$(tail -n 1 events)" = "close id=1 active=0 in=0 out=14" ]
}

@test "a second SIGINT ends it at once" {
  server hold
  by_hand
  later answer client connect greeting mark:heard read
  eventually 10 test -e heard
  kill -INT "$STAGE"
  eventually 5 refuses
  # Within a second it would be the first one's echo.
  eventually 8 eval 'kill -INT "$STAGE" 2>/dev/null; gone "$STAGE"'
  ends 130
}

@test "ssh waits for an sshd that comes up later, and 8 MiB go there and back" {
  ssh_keys
  SERVER=$(free_port)
  forward -l 127.0.0.1:0
  running
  head -c 8388608 /dev/urandom >data
  ssh_client back
  eventually 10 occurs 'open id=1' events
  ssh_server -o ForceCommand="cat $PWD/data | tee /dev/stderr | sha256sum"
  eventually 20 occurs "$(sha256sum <data)" back
  cmp data <(tail -c 8388608 back.errors)
  eventually 5 occurs 'close id=1' events
}

@test "sshd restarts: who comes meanwhile waits for it, and it is ready only once" {
  ssh_keys
  SERVER=$(free_port)
  forward -l 127.0.0.1:0
  running
  ssh_server -o ForceCommand='echo "$SSH_ORIGINAL_COMMAND"'
  ssh_client one first
  eventually 20 occurs first one
  kill "$SSHD"
  eventually 5 ended "$SSHD"
  ssh_client two second
  eventually 5 occurs 'open id=2' events
  ssh_server -o ForceCommand='echo "$SSH_ORIGINAL_COMMAND"'
  eventually 20 occurs second two
  eventually 5 occurs 'close id=2 active=0' events
  [ "$(grep -c ^ready events)" -eq 1 ]
  [ ! -s errors ]
}

@test "a port that is taken" {
  server echo
  run -71 --separate-stderr virby-forward -l "127.0.0.1:$SERVER" 127.0.0.1:1
  [ -z "$output" ]
  [ "$stderr" = "virby-forward: cannot listen on '127.0.0.1:$SERVER': Address already in use
virby-forward: hint: see who listens there with 'lsof -nP -iTCP:$SERVER'" ]
}

@test "an address that others can reach needs --allow-remote" {
  run -64 --separate-stderr virby-forward -l 0.0.0.0:0 127.0.0.1:1
  [ -z "$output" ]
  [ "$stderr" = "virby-forward: '0.0.0.0:0' can be reached by other machines
virby-forward: hint: use 127.0.0.1, or --allow-remote if that is what you want" ]
}

# An address of this machine that is not loopback.
own_address() {
  hostname -I | tr ' ' '\n' | grep -m 1 -E '^[0-9]+(\.[0-9]+){3}$' || true
}

@test "with --allow-remote others can reach it" {
  local address
  address=$(own_address)
  [ -n "$address" ] || skip 'needs an address beyond loopback'
  server echo
  alone virby-forward -l 0.0.0.0:0 --allow-remote "127.0.0.1:$SERVER"
  eventually 5 occurs 'listening at=tcp:0.0.0.0:' events
  PORT=$(sed -n '1s/^listening at=tcp:0\.0\.0\.0://p' events)
  run -0 socat -t 5 - "TCP:$address:$PORT" <<<hello
  [[ $output == *hello*bye* ]]
}

@test "a descriptor that is no listening socket" {
  run -64 --separate-stderr virby-forward -l fd:9 127.0.0.1:1 9</dev/null
  [ -z "$output" ]
  [ "$stderr" = "virby-forward: descriptor 9 is not a listening socket
virby-forward: hint: fd:9 is for a socket that launchd or systemd hands over" ]
}

@test "a lease that leads back to this machine is refused" {
  run -65 --separate-stderr virby-forward -l 127.0.0.1:0 <<<"lease mac=m address=127.0.0.1"
  [ "$stderr" = "virby-forward: 'lease' with 'address=127.0.0.1', which cannot be the guest" ]
}

@test "a lease of an address that this machine has itself is refused" {
  local address
  address=$(own_address)
  [ -n "$address" ] || skip 'needs an address beyond loopback'
  run -65 --separate-stderr virby-forward -l 127.0.0.1:0 <<<"lease mac=m address=$address"
  [ "$stderr" = "virby-forward: 'lease' with 'address=$address', which cannot be the guest" ]
}

@test "the way in is a socket file, as with vsock, that appears later" {
  forward -l 127.0.0.1:0
  echo 'running mac=02:00:00:00:00:01 at=unix:guest.sock' >&8
  later answer client connect send:hello end greeting read
  eventually 5 occurs open events
  server echo
  socat UNIX-LISTEN:guest.sock,fork "TCP:127.0.0.1:$SERVER" 3>&- 8>&- &
  PIDS+=($!)
  eventually 10 occurs "b'hello\\nbye\\n'" answer
  eventually 5 occurs 'close id=1 active=0 in=6 out=24' events
  grep -qx 'ready at=unix:guest.sock' events
}

@test "by hand between two socket files" {
  server echo
  socat UNIX-LISTEN:guest.sock,fork "TCP:127.0.0.1:$SERVER" 3>&- &
  PIDS+=($!)
  eventually 5 test -S guest.sock
  alone virby-forward -l unix:ssh.sock unix:guest.sock
  eventually 5 occurs listening events
  run -0 socat -t 5 - UNIX-CONNECT:ssh.sock <<<hello
  [[ $output == *hello*bye* ]]
  eventually 5 occurs 'close id=1 active=0 in=6 out=24' events
}

@test "a socket that was handed over: the client that caused the start is served" {
  command -v systemd-socket-activate >/dev/null || skip 'needs systemd-socket-activate'
  server echo
  PORT=$(free_port)
  systemd-socket-activate -l "127.0.0.1:$PORT" "$VIRBY_BIN/virby-forward" -l fd:3 "127.0.0.1:$SERVER" >events 2>errors 3>&- &
  STAGE=$!
  PIDS+=("$STAGE")
  eventually 10 occurs Listening errors
  run -0 client connect send:activated end greeting read
  [[ $output == *activated* ]]
  eventually 5 occurs close events
  grep -qx "listening at=tcp:127.0.0.1:$PORT" events
  kill "$STAGE"
  ends 0
}

@test "a path: private, a leftover is replaced, a live one is not, and it is removed" {
  server echo
  python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("ssh.sock")'
  alone virby-forward -l unix:ssh.sock "127.0.0.1:$SERVER"
  eventually 5 occurs 'listening at=unix:ssh.sock' events
  [ "$(find ssh.sock -perm 600)" = ssh.sock ]
  run -71 --separate-stderr virby-forward -l unix:ssh.sock 127.0.0.1:1
  [ "$stderr" = "virby-forward: cannot listen on 'unix:ssh.sock': Address already in use" ]
  run -0 socat -t 5 - UNIX-CONNECT:ssh.sock <<<hello
  [[ $output == *hello*bye* ]]
  kill "$STAGE"
  ends 0
  [ ! -e ssh.sock ]
}

@test "a file in the way of a path is left alone" {
  echo precious >ssh.sock
  run -71 --separate-stderr virby-forward -l unix:ssh.sock 127.0.0.1:1
  [ "$stderr" = "virby-forward: cannot listen on 'unix:ssh.sock': Address already in use" ]
  [ "$(cat ssh.sock)" = precious ]
}

@test "a path that is too long" {
  local long
  long=$(printf 'x%.0s' {1..200})
  run -64 --separate-stderr virby-forward -l "unix:$long" 127.0.0.1:1
  [ "$stderr" = "virby-forward: socket path '$long' is longer than 107 bytes" ] ||
    [ "$stderr" = "virby-forward: socket path '$long' is longer than 103 bytes" ]
}

@test "the pipeline ends by itself when nobody is connected any more" {
  server echo
  mkfifo in
  (virby-forward -l 127.0.0.1:0 <in | virby-idle -t 1s >events) 2>errors 3>&- &
  STAGE=$!
  PIDS+=("$STAGE")
  exec 8>in
  listens
  running
  client connect send:x end greeting read >/dev/null
  ends 0
  same events <<EOF
listening at=tcp:127.0.0.1:$PORT
running mac=02:00:00:00:00:01 at=tcp:127.0.0.1:$SERVER
open id=1 active=1
busy
ready at=tcp:127.0.0.1:$SERVER
close id=1 active=0 in=2 out=20
idle for=1
EOF
  [ ! -s errors ]
}

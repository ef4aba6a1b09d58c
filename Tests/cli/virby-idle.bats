# virby-idle with a real clock: short times to live, deadlines, and files that the commands write.

load helpers

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

# idle ARGUMENT...: virby-idle with events from descriptor 8 and to the file 'events'.
idle() {
  mkfifo in
  virby-idle "$@" <in >events 2>errors 3>&- &
  IDLE=$!
  PIDS+=("$IDLE")
  exec 8>in
}

# ends STATUS: virby-idle has ended with that status.
ends() {
  local status=0
  eventually 10 ended "$IDLE"
  wait "$IDLE" || status=$?
  [ "$status" -eq "$1" ]
}

# The process has ended, though nobody may have waited for it yet.
ended() {
  case $(ps -o stat= -p "$1") in '' | Z*) ;; *) return 1 ;; esac
}

same() {
  diff "$1" -
}

@test "a VM that nobody connects to is idle when the time has passed" {
  idle -t 1s
  ends 0
  same events <<<"idle for=1"
  [ ! -s errors ]
}

@test "an open connection keeps it; the time counts from the last close" {
  idle -t 1s
  echo 'open id=1 active=1' >&8
  echo 'open id=2 active=2' >&8
  echo 'close id=1 active=1 in=0 out=0' >&8
  sleep 1.5
  kill -0 "$IDLE"
  echo 'close id=2 active=0 in=0 out=0' >&8
  ends 0
  same events <<EOF
open id=1 active=1
busy
open id=2 active=2
close id=1 active=1 in=0 out=0
close id=2 active=0 in=0 out=0
idle for=1
EOF
}

@test "a guest on its way up is not idle; the time counts from when it can be reached" {
  idle -t 1s
  echo 'starting driver=qemu pid=1 mac=02:94:00:0a:01:02' >&8
  echo 'running mac=02:94:00:0a:01:02' >&8
  sleep 1.5
  kill -0 "$IDLE"
  echo 'lease mac=02:94:00:0a:01:02 address=192.168.64.2' >&8
  ends 0
  [ "$(tail -n 1 events)" = "idle for=1" ]
}

@test "two forwarders in one pipeline, whose ids and counts collide" {
  idle -t 500ms
  echo 'open id=1 active=1' >&8
  echo 'open id=1 active=1' >&8
  echo 'close id=1 active=0' >&8
  sleep 1
  kill -0 "$IDLE"
  echo 'close id=1 active=0' >&8
  ends 0
}

@test "every line is passed on as it came" {
  run -1 --separate-stderr virby-idle -t 1h <<EOF
starting driver=qemu pid=1 mac=m
shaken not=stirred%20ever
open id=1 active=1 from=here
EOF
  [ "$output" = "starting driver=qemu pid=1 mac=m
shaken not=stirred%20ever
open id=1 active=1 from=here
busy" ]
  [ "$stderr" = "virby-idle: the events ended before the VM was idle" ]
}

@test "a close that nothing is open for is not counted" {
  run -1 --separate-stderr virby-idle -t 1h <<<"close id=1 active=0"
  [ "$output" = "close id=1 active=0" ]
  [ "$stderr" = "virby-idle: warning: a 'close' without an 'open' before it is not counted
virby-idle: the events ended before the VM was idle" ]
}

@test "a line without a key that it needs" {
  run -65 --separate-stderr virby-idle -t 1h <<<"close id=1"
  [ -z "$output" ]
  [ "$stderr" = "virby-idle: line 1: 'close' without 'active'" ]
}

@test "a guest that is busy gets the time again" {
  # Busy twice, then no more.
  idle -t 100ms --busy 'echo asked >>asked; [ "$(wc -l <asked)" -le 2 ]'
  ends 0
  [ "$(wc -l <asked)" -eq 3 ]
  same events <<EOF
busy
busy
idle for=0
EOF
  [ ! -s errors ]
}

@test "a question that cannot be asked is no veto, but a warning" {
  idle -t 200ms --busy 'exec nothing-of-this-name'
  ends 0
  same events <<<"idle for=0"
  occurs "virby-idle: warning: the command of '--busy' exited with status 127; taken for 'not busy'" errors
}

@test "a question that takes too long is stopped, whatever it has started" {
  idle -t 200ms --patience 300ms --busy 'sleep 987 & echo $! >pid; wait'
  ends 0
  same errors <<<"virby-idle: warning: the command of '--busy' was ended by signal 15; taken for 'not busy'"
  eventually 5 gone "$(cat pid)"
}

@test "the closing command runs before the end; its stdout is not an event" {
  idle -t 200ms -- sh -c 'echo tidying; cat; touch tidied'
  ends 0
  [ -e tidied ]
  same events <<<"idle for=0"
  same errors <<<tidying
}

@test "a closing command that fails is told, and the VM ends all the same" {
  idle -t 200ms -- sh -c 'exit 3'
  ends 0
  same errors <<<"virby-idle: warning: the closing command exited with status 3"
}

@test "a closing command that does not exist" {
  idle -t 200ms -- ./nothing
  ends 69
  same errors <<<"virby-idle: cannot start './nothing': No such file or directory"
}

@test "a connection during the closing command stops it and cancels the end" {
  idle -t 500ms -- sh -c 'echo x >>runs; [ -e second ] && exit 0; trap "touch told; exit 1" TERM; sleep 600 & wait'
  eventually 10 occurs x runs
  echo 'open id=1 active=1' >&8
  eventually 5 test -e told
  touch second
  sleep 1
  kill -0 "$IDLE"
  echo 'close id=1 active=0' >&8
  ends 0
  [ "$(wc -l <runs)" -eq 2 ]
  same events <<EOF
idle for=0
open id=1 active=1
busy
close id=1 active=0
idle for=0
EOF
  [ ! -s errors ]
}

@test "the commands learn where the guest is" {
  idle -t 300ms --busy 'echo "busy? $VIRBY_GUEST" >>said; false' -- sh -c 'echo "closing $VIRBY_GUEST" >>said'
  echo 'ready at=tcp:192.168.64.7:22' >&8
  ends 0
  same said <<EOF
busy? tcp:192.168.64.7:22
closing tcp:192.168.64.7:22
EOF
}

@test "events that end during the closing command: it is stopped, status 1" {
  idle -t 200ms -- sh -c 'touch runs; exec sleep 987'
  eventually 5 test -e runs
  exec 8>&-
  ends 1
  same errors <<<"virby-idle: the events ended before the VM was idle"
}

@test "SIGTERM and SIGHUP end it in order, without closing command; SIGINT as SIGINT" {
  local signal status
  for signal in TERM HUP INT; do
    rm -f in
    status=0
    [ "$signal" = INT ] && status=130
    # A shell's background job ignores SIGINT; env gives it back.
    mkfifo in
    env --default-signal=INT virby-idle -t 1h -- touch closed <in >events 2>errors 3>&- &
    IDLE=$!
    PIDS+=("$IDLE")
    exec 8>in
    echo 'shaken not=stirred' >&8
    eventually 5 occurs stirred events
    kill "-$signal" "$IDLE"
    ends "$status"
    exec 8>&-
    [ ! -e closed ]
    [ ! -s errors ]
  done
}

@test "a hangup ends it" {
  mkfifo in out
  virby-idle -t 1h <in >out 2>errors 3>&- &
  IDLE=$!
  PIDS+=("$IDLE")
  exec 8>in 9<out
  exec 9<&-
  ends 0
  [ ! -s errors ]
}

@test "a time that would end every VM at once, and times that are none" {
  run -64 --separate-stderr virby-idle -t 0s
  [ -z "$output" ]
  [ "$stderr" = "virby-idle: '0s' would end the VM before its first connection
virby-idle: hint: see 'virby-idle --help'" ]
  local time
  for time in 1 -1s 1w '' 99999999999d; do
    run -64 --separate-stderr virby-idle -t "$time"
    [ -z "$output" ]
  done
}

@test "an idle wait takes no processor time" {
  [ -e /proc/self/status ] || skip 'needs /proc'
  idle -t 1h
  echo 'shaken not=stirred' >&8
  eventually 5 occurs stirred events
  local before after
  before=$(grep ctxt_switches "/proc/$IDLE/status")
  sleep 2
  after=$(grep ctxt_switches "/proc/$IDLE/status")
  [ "$before" = "$after" ]
}

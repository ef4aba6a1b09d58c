# virby-idle with a real clock: short times to live, deadlines, and files that the commands write.

load helpers
load stage

# idle ARGUMENT...: virby-idle as the stage.
idle() {
  stage virby-idle "$@"
}

# reading: virby-idle has begun to read events, and answers signals.
reading() {
  echo 'shaken not=stirred' >&8
  eventually 10 occurs stirred events
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
  kill -0 "$STAGE"
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
  kill -0 "$STAGE"
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
  kill -0 "$STAGE"
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

@test "a close that nothing is open for is told and not counted" {
  idle -t 300ms
  echo 'open id=1 active=1' >&8
  echo 'close id=2 active=0' >&8
  sleep 1
  kill -0 "$STAGE"
  echo 'close id=1 active=0' >&8
  ends 0
  same errors <<<"virby-idle: warning: line 2: a 'close' of '2', which is not open, is not counted"
}

@test "an id that is open already is told, and counted" {
  idle -t 300ms
  echo 'open id=1 active=1' >&8
  echo 'open id=1 active=2' >&8
  echo 'close id=1 active=1' >&8
  sleep 1
  kill -0 "$STAGE"
  echo 'close id=1 active=0' >&8
  ends 0
  same errors <<<"virby-idle: warning: line 2: an 'open' of '1', which is already open, is counted again"
}

@test "where 'active' and our count differ, the larger one holds" {
  idle -t 300ms
  echo 'open id=1 active=2' >&8
  echo 'close id=1 active=1' >&8
  sleep 1
  kill -0 "$STAGE"
  echo 'close id=2 active=0' >&8
  ends 0
  same errors <<EOF
virby-idle: warning: line 1: 'active' is 2 where 1 are open; the larger number counts
virby-idle: warning: line 3: a 'close' of '2', which is not open, is not counted
EOF
}

@test "of a thousand oddities the first of each kind is told; with -v all" {
  local i
  for i in $(seq 1000); do echo "close id=$i active=0"; done >closes
  run -1 --separate-stderr virby-idle -t 1h <closes
  [ "${#stderr_lines[@]}" -eq 2 ]
  run -1 --separate-stderr virby-idle -v -t 1h <closes
  [ "${#stderr_lines[@]}" -eq 1001 ]
}

@test "nothing that an id holds reaches the terminal unescaped" {
  run -1 --separate-stderr virby-idle -t 1h <<<"close id=%1B[31m%0Ax active=0"
  [ "${stderr_lines[0]}" = 'virby-idle: warning: line 1: a '"'close' of '\u{1B}[31m\nx'"', which is not open, is not counted' ]
}

@test "a line without a key that it needs" {
  run -65 --separate-stderr virby-idle -t 1h <<<"close id=1"
  [ -z "$output" ]
  [ "$stderr" = "virby-idle: line 1: 'close' without 'active'" ]
  run -65 --separate-stderr virby-idle -t 1h <<<"open id=1 active=-1"
  [ "$output" = "open id=1 active=-1
busy" ]
  [ "$stderr" = "virby-idle: line 1: 'active' is not a number" ]
}

@test "--lenient: what is malformed is told and left out, and the count survives it" {
  idle -t 300ms --lenient
  {
    echo 'open id=1 active=1'
    echo 'close id=1'
    echo
    head -c 2000 /dev/zero | tr '\0' x
    echo
    echo 'open id=2 active=many'
    echo 'close id=1 active=1 in=%'
    echo 'close id=1 active=1'
  } >&8
  sleep 1
  kill -0 "$STAGE"
  echo 'close id=2 active=0' >&8
  ends 0
  same events <<EOF
open id=1 active=1
busy
open id=2 active=many
close id=1 active=1
close id=2 active=0
idle for=0
EOF
  same errors <<EOF
virby-idle: warning: line 2: 'close' without 'active'; ignored
virby-idle: warning: line 3: does not start with a verb; ignored
virby-idle: warning: line 4: longer than 512 bytes; ignored
virby-idle: warning: line 5: 'active' is not a number; ignored
virby-idle: warning: line 6: has a wrongly encoded value for 'in'; ignored
EOF
}

@test "a malformed line during the closing command: it is stopped, with all that it has started" {
  idle -t 200ms -- sh -c 'sleep 987 & echo $! >pid; wait'
  eventually 5 test -s pid
  echo 'close id=1' >&8
  ends 65
  same errors <<<"virby-idle: line 1: 'close' without 'active'"
  eventually 5 gone "$(cat pid)"
}

@test "an end that was told is silent, status 1: asked for, or the guest's own" {
  run -1 --separate-stderr virby-idle -t 1h <<EOF
stopping why=signal
stopped how=asked status=0
EOF
  [ "$output" = "stopping why=signal
stopped how=asked status=0" ]
  [ -z "$stderr" ]
  run -1 --separate-stderr virby-idle -t 1h <<<"stopped how=guest status=0"
  [ -z "$stderr" ]
  run -1 --separate-stderr virby-idle -t 1h <<<"stopping why=signal"
  [ "$stderr" = "virby-idle: the events ended before the VM was idle" ]
}

@test "a guest that is being stopped is neither idle nor asked, and a closing command that runs is stopped" {
  idle -t 300ms -- sh -c 'echo x >>runs; exec sleep 987'
  eventually 5 occurs x runs
  echo 'stopping why=signal' >&8
  sleep 1
  kill -0 "$STAGE"
  echo 'stopped how=asked status=0' >&8
  exec 8>&-
  ends 1
  [ "$(wc -l <runs)" -eq 1 ]
  same events <<EOF
idle for=0
stopping why=signal
stopped how=asked status=0
EOF
  [ ! -s errors ]
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

@test "--busy-limit: a guest that is busy for ever gets the time so often, and no more" {
  # Asked at 200 ms, 400 ms and 600 ms; the rest of 100 ms ends at 700 ms.
  idle -t 200ms --busy 'echo asked >>asked' --busy-limit 500ms -- touch closed
  ends 0
  [ "$(wc -l <asked)" -eq 3 ]
  [ -e closed ]
  same events <<EOF
busy
busy
busy
idle for=0
EOF
  grep -Exq 'virby-idle: warning: nothing has been open for [1-3]s; the guest said it was busy for 1s of that, and is no longer asked' errors
  [ "$(wc -l <errors)" -eq 1 ]
}

@test "--busy-limit: a connection gives the whole of it again" {
  idle -t 300ms --busy 'echo asked >>asked' --busy-limit 300ms -- sh -c 'echo x >>runs; [ -e second ] || exec sleep 987'
  eventually 10 occurs x runs
  touch second
  echo 'open id=1 active=1' >&8
  echo 'close id=1 active=0' >&8
  ends 0
  [ "$(wc -l <asked)" -eq 2 ]
  [ "$(wc -l <runs)" -eq 2 ]
  [ "$(grep -c 'no longer asked' errors)" -eq 2 ]
}

@test "--busy-limit: nothing to limit, or nothing left" {
  run -64 --separate-stderr virby-idle -t 1h --busy-limit 1h
  [ -z "$output" ]
  [ "${stderr_lines[0]}" = "virby-idle: '--busy-limit' without '--busy' limits nothing" ]
  run -64 --separate-stderr virby-idle -t 1h --busy true --busy-limit 0s
  [ -z "$output" ]
  [ "${stderr_lines[0]}" = "virby-idle: '0s' gives a busy guest no time; leave '--busy' out" ]
}

@test "a question that cannot be asked is no veto, but a warning" {
  idle -t 200ms --busy 'exec nothing-of-this-name'
  ends 0
  same events <<<"idle for=0"
  occurs "virby-idle: warning: the '--busy' command exited with status 127; treated as 'not busy'" errors
}

@test "a question that takes too long is stopped, whatever it has started" {
  idle -t 200ms --patience 300ms --busy 'sleep 987 & echo $! >pid; wait'
  ends 0
  same errors <<<"virby-idle: warning: the '--busy' command took longer than 300ms and was stopped; treated as 'not busy'"
  eventually 5 gone "$(cat pid)"
}

@test "a command that is deaf to SIGTERM is killed, and so is what a command leaves behind" {
  idle -t 200ms --patience 200ms -- sh -c 'trap "" TERM; sleep 987 & echo $! >pid; wait; wait; sleep 987'
  eventually 5 test -s pid
  local left
  left=$(cat pid)
  eventually 20 ended "$STAGE"
  ends 0
  same errors <<<'virby-idle: warning: the closing command took longer than 200ms and was stopped'
  eventually 5 gone "$left"

  idle -t 200ms --patience 200ms -- sh -c '(trap "" TERM; sleep 987; sleep 987) & echo $! >pid; trap "exit 5" TERM; wait'
  ends 0
  same errors <<<'virby-idle: warning: the closing command took longer than 200ms and was stopped'
  eventually 5 gone "$(cat pid)"
}

@test "kill -9: the closing command and what it has started are ended" {
  idle -t 200ms -- sh -c 'sleep 987 & echo $! $$ >pids; wait'
  eventually 5 test -s pids
  read -r started closing <pids
  kill -KILL "$STAGE"
  eventually 5 gone "$started"
  eventually 5 gone "$closing"
}

# said TEXT: the answer to SIGUSR1 is this extended regular expression.
said() {
  : >errors
  kill -USR1 "$STAGE"
  eventually 5 test -s errors
  grep -Exq "virby-idle: $1" errors || {
    cat errors
    return 1
  }
}

# impatient: interrupts, and a second later again.
impatient() {
  eventually 10 eval 'kill -INT "$STAGE"; ended "$STAGE"' 2>/dev/null
}

@test "SIGTERM and SIGHUP again: the closing command keeps its time; a second SIGINT ends it at once" {
  idle -t 200ms -- sh -c 'exec 2>&-; trap "touch told" TERM; touch runs; while :; do sleep 987 & wait $!; done'
  eventually 5 test -e runs
  kill -TERM "$STAGE"
  eventually 5 test -e told
  for again in TERM HUP TERM INT; do
    kill "-$again" "$STAGE"
    said 'the closing command was told to stop and will be killed in (10|[1-9])s'
  done
  : >errors
  impatient
  ends 130
  [ ! -s errors ]
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
  kill -0 "$STAGE"
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

@test "a connection while the guest is asked: the question is stopped, and asked again when it is time" {
  idle -t 500ms --busy 'echo x >>asked; [ -e second ] && exit 1; trap "touch told; exit 0" TERM; sleep 600 & wait'
  eventually 10 occurs x asked
  echo 'open id=1 active=1' >&8
  eventually 5 test -e told
  touch second
  echo 'close id=1 active=0' >&8
  ends 0
  [ "$(wc -l <asked)" -eq 2 ]
  same events <<EOF
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
    rm -f in events
    status=0
    [ "$signal" = INT ] && status=130
    # A shell's background job ignores SIGINT; env gives it back.
    mkfifo in
    env --default-signal=INT virby-idle -t 1h -- touch closed <in >events 2>errors 3>&- &
    STAGE=$!
    PIDS+=("$STAGE")
    exec 8>in
    reading
    kill "-$signal" "$STAGE"
    ends "$status"
    exec 8>&-
    [ ! -e closed ]
    [ ! -s errors ]
  done
}

@test "a hangup ends it" {
  mkfifo in out
  virby-idle -t 1h <in >out 2>errors 3>&- &
  STAGE=$!
  PIDS+=("$STAGE")
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

@test "the longest time: a century, and it ends when asked to" {
  idle -t 36525d
  reading
  kill -USR1 "$STAGE"
  eventually 5 occurs 'idle in 36525d' errors
  kill -TERM "$STAGE"
  ends 0
  run -64 --separate-stderr virby-idle -t 36526d
}

@test "SIGUSR1: what it is waiting for, and for how much longer" {
  local since='(0|1|2|3)s'
  idle -q -t 1h
  reading
  said "nothing has been open for $since; idle in (1h|59m5[0-9]s)"
  echo 'starting driver=qemu pid=1 mac=m' >&8
  eventually 5 occurs starting events
  said "the guest has been starting for $since"
  echo 'lease mac=m address=192.168.64.2' >&8
  echo 'open id=1 active=1' >&8
  eventually 5 occurs open events
  said "1 connection open, without a break for $since"
  echo 'open id=2 active=2' >&8
  eventually 5 occurs 'id=2' events
  said "2 connections open, without a break for $since"
  echo 'stopping why=signal' >&8
  eventually 5 occurs stopping events
  said "the guest has been stopping for $since"
  exec 8>&-
  eventually 5 ended "$STAGE"
}

@test "SIGUSR1 while the commands run" {
  local since='(0|1|2|3)s'
  idle -t 200ms --patience 1m --busy 'touch asked; exec sleep 987' -- sh -c 'touch closing; exec sleep 987'
  eventually 5 test -e asked
  said "the '--busy' command has run for $since and will be stopped in (1m|5[0-9]s)"
  pkill -TERM -P "$STAGE"
  eventually 5 test -e closing
  said "the closing command has run for $since and will be stopped in (1m|5[0-9]s)"
  kill -TERM "$STAGE"
  ends 0

  idle -t 200ms -- sh -c 'exec 2>&-; trap "touch told" TERM; touch deaf; while :; do sleep 987 & wait $!; done'
  eventually 5 test -e deaf
  echo 'open id=1 active=1' >&8
  eventually 5 test -e told
  said 'the closing command was told to stop and will be killed in (10|[7-9])s'
  impatient
  ends 130

  idle -t 1h --busy true
  reading
  said "nothing has been open for $since; asking whether the guest is busy in (1h|59m5[0-9]s)"
  kill -TERM "$STAGE"
  idle -t 1h -- true
  reading
  said "nothing has been open for $since; closing in (1h|59m5[0-9]s)"
  kill -TERM "$STAGE"

  idle -t 30s --busy true --busy-limit 24h
  reading
  said "nothing has been open for $since; asking whether the guest is busy in (30|2[0-9])s, which can keep it up for 1d more"
  kill -TERM "$STAGE"
  # The last time that it was given.
  idle -t 1s --busy 'touch asked-again' --busy-limit 1s -- sleep 987
  eventually 5 occurs busy events
  said "nothing has been open for (1|2)s; closing in (0|1)s, busy or not"
  kill -TERM "$STAGE"
}

# with_clock ARGUMENT...: virby-idle with clocks that the file 'clock' sets, in libfaketime's words.
with_clock() {
  local library
  library=/usr/lib/$(uname -m)-linux-gnu/faketime/libfaketime.so.1
  [ -e "$library" ] || skip 'needs libfaketime'
  ldd "$(command -v virby-idle)" >/dev/null 2>&1 || skip 'needs a dynamic binary'
  # The library changes the environment of the first process that it finds, and Swift finds its arguments
  # beside that: so the first one is env.
  LD_PRELOAD=$library FAKETIME_TIMESTAMP_FILE=$PWD/clock FAKETIME_NO_CACHE=1 stage env virby-idle "$@"
  reading
  rm -f /dev/shm/faketime_shm_"$STAGE" /dev/shm/sem.faketime_sem_"$STAGE"
}

@test "the clock on the wall may be set by a year, forth and back" {
  echo +0 >clock
  FAKETIME_DONT_FAKE_MONOTONIC=1 with_clock -t 3s
  local change
  for change in +365d -365d; do
    echo "$change" >clock
    echo 'shaken not=stirred' >&8
    said 'nothing has been open for (0|1|2|3)s; idle in (3|2|1|0)s'
  done
  ends 0
  [ "$(tail -n 1 events)" = 'idle for=3' ]
}

@test "the host sleeps through the time: idle on waking, unless a client comes at once" {
  echo +0 >clock
  with_clock -t 1h
  echo +8h >clock
  echo 'open id=1 active=1' >&8
  eventually 5 occurs busy events
  said '1 connection open, without a break for (0|1|2|3)s'
  echo 'close id=1 active=0' >&8
  eventually 5 occurs close events
  said 'nothing has been open for (0|1|2|3)s; idle in (1h|59m5[0-9]s)'
  echo +16h >clock
  # Nobody comes. Any event wakes it; without one it looks within a minute.
  echo 'shaken not=stirred' >&8
  ends 0
  grep -q '^idle for=288[0-9][0-9]$' events
}

@test "what came while it was stopped counts, though the time is over" {
  idle -t 500ms
  reading
  kill -STOP "$STAGE"
  sleep 1
  echo 'open id=1 active=1' >&8
  kill -CONT "$STAGE"
  eventually 5 occurs busy events
  run -1 occurs idle events
  echo 'close id=1 active=0' >&8
  ends 0
}

@test "a million events take no more memory than two thousand" {
  [ -e /proc/self/status ] || skip 'needs /proc'
  awk 'BEGIN { for (i = 1; i <= 500000; i++) print "open id=" i " active=1\nclose id=" i " active=0 in=1 out=2" }' >lines
  idle -t 1h
  head -n 2000 lines >&8
  eventually 10 occurs 'close id=1000 ' events
  local before after
  before=$(awk '$1 == "VmHWM:" { print $2 }' "/proc/$STAGE/status")
  tail -n +2001 lines >&8
  eventually 60 occurs 'close id=500000 ' events
  after=$(awk '$1 == "VmHWM:" { print $2 }' "/proc/$STAGE/status")
  [ "$after" -lt $((before + 256)) ]
  [ ! -s errors ]
  said 'nothing has been open for .*'
}

@test "an idle wait takes no processor time" {
  idle -t 1h
  reading
  at_rest "$STAGE"
}

#!/usr/bin/env bats
# What the service manager runs, with a machine that knows nothing but its power button: a client waits for its
# server in vain, which is virby-forward's status 69.

load helpers
load machine
load scripts

teardown() {
  if [ -n "${manager-}" ]; then kill -TERM "$manager" 2>/dev/null || true; fi
  exec 9>&-
  if [ -n "${manager-}" ] && ! eventually 30 said ended; then kill -KILL -- "-$(said session)"; fi
  if [ -z "${BATS_TEST_COMPLETED-}" ]; then tail -n 30 manager builder/log/virbyd.log; fi
}

# serve [NAME=VALUE...]: virbyd waits for a client, whom `call` is.
serve() {
  make_kernel good
  make_image
  export VIRBY_IMAGE=$PWD/image VIRBY_DISK_SIZE=32MiB VIRBY_KERNEL=$PWD/kernel VIRBY_ACCELERATOR=tcg \
    VIRBY_CORES=1 VIRBY_MEMORY=256MiB VIRBY_STOP_TIMEOUT=20s VIRBY_DEBUG=yes
  env "$@" "$REPO/Tests/cli/inetd.py" "$REPO/scripts/virbyd" >manager 2>&1 3>&- &
  manager=$!
  eventually 10 said listening >/dev/null
}

# said WORD: what the manager has said of it.
said() {
  sed -n "s/^$1 //p" manager | grep .
}

# call: connects, as descriptor 9.
call() {
  exec 9<>"/dev/tcp/127.0.0.1/$(said listening)"
}

# visit FILE: a client that hangs up when there is such a file.
visit() {
  python3 "$REPO/Tests/cli/peer.py" client "$(said listening)" connect "wait:$1" reset >"$1.said" 3>&- &
}

# tells TEXT: the log does.
tells() {
  occurs "$1" builder/log/virbyd.log
}

ends() {
  eventually 60 said ended >/dev/null
  [ "$(said ended)" = "$1" ]
}

statuses='virbyd: virby-boot 0, virby-lease 0, virby-forward 69, virby-idle'

@test "the listening socket as 0, 1 and 2: events and messages go to a log, with the time" {
  serve
  call
  eventually 60 tells ' open id=1 active=1'
  grep -E '^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2} running mac=' builder/log/virbyd.log
  [ "$(stat -c %a builder/log/virbyd.log)" = 600 ]
  kill -TERM "$manager"
  ends 69
  eventually 10 tells "$statuses"
  tells ' stopping why=signal'
  tells ' stopped how=asked status=0'
  run ! grep -i 'broken pipe\|error' builder/log/virbyd.log
  eventually 10 tells ' end status=69 stages=0,0,69,'
  # Each event once, and every line with a time.
  [ "$(grep -cE '^[-0-9]+ [:0-9]+ (starting|running|stopping|stopped) ' builder/log/virbyd.log)" = 4 ]
  run ! grep -Ev '^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2} ' builder/log/virbyd.log
  [[ $(head -n 1 builder/log/virbyd.log) == *" begin pid=$(said session) listen=fd:3" ]]
  [[ $(tail -n 1 builder/log/virbyd.log) == *' end status=69 '* ]]
}

@test "the log tells how the guest of an idle builder ended, which the pipeline does not" {
  # From when the guest runs: what it answers, nobody waits for.
  serve VIRBY_TTL=2s VIRBY_BUSY= VIRBY_CLOSE=
  visit leave
  touch leave
  eventually 60 tells ' idle for='
  ends 0
  eventually 10 tells ' end status=0 stages=0,0,0,0'
  tells ' stopping why=hangup'
  tells ' stopped how=asked status=0'
  [ "$(cut -d ' ' -f 3 builder/log/virbyd.log | grep -v '^virby' | sort -u | xargs)" = \
    'begin busy close end idle listening open running starting stopped stopping' ]
}

@test "a run that comes to nothing has its end in the log too, and one that is killed has none" {
  serve VIRBY_TTL=soon
  call
  ends 64
  eventually 10 tells ' end status=64'
  tells " virby-prepare: 'soon' is not a duration"
  exec 9>&-
  serve
  call
  eventually 60 tells ' open id=1 active=1'
  kill -KILL "$(said session)"
  ends 137
  kill -TERM -- "-$(said session)"
  eventually 30 tells ' stopped how='
  [ "$(grep -c ' begin ' builder/log/virbyd.log)" = 2 ]
  [ "$(grep -c ' end ' builder/log/virbyd.log)" = 1 ]
}

@test "where output has places of its own, it goes there, and the events to the log as well" {
  serve
  kill -TERM "$manager"
  "$REPO/Tests/cli/inetd.py" /bin/sh -c "exec '$REPO/scripts/virbyd' >'$PWD/out' 2>'$PWD/err'" >manager 3>&- &
  manager=$!
  eventually 10 said listening >/dev/null
  call
  eventually 60 occurs 'open id=1 active=1' out
  kill -TERM "$manager"
  ends 69
  occurs "$statuses" err
  occurs 'stopped how=asked status=0' out
  run ! grep -E ' ?(begin|end) ' out
  eventually 10 tells ' end status=69 '
  # But for the order in which they come.
  [ "$(grep -v ' begin \| end ' builder/log/virbyd.log | cut -d ' ' -f 3- | sort)" = "$(sort out)" ]
}

@test "the log is moved aside at a MiB" {
  mkdir -p builder/log
  chmod 700 builder
  yes 'a line of the run before' | head -c $((1 << 20)) >builder/log/virbyd.log
  serve
  call
  eventually 60 tells ' open id=1 active=1'
  grep -c 'a line of the run before' builder/log/virbyd.log.old
  run ! tells 'a line of the run before'
  kill -TERM "$manager"
  ends 69
}

@test "what must not be: the client is turned away, and the reason logged by the system" {
  mkdir builder bin
  chmod 777 builder
  printf '#!/bin/sh\nexec cat >>"%s"\n' "$PWD/journal" >bin/logger
  chmod +x bin/logger
  serve "PATH=$PWD/bin:$PATH"
  call
  run -0 cat <&9
  [ "$output" = "" ]
  ends 65
  eventually 5 occurs "virby-prepare: others may write to '$VIRBY_DIR'" journal
  [ "$(ls builder)" = "" ]
}

@test "a share's folder may have blanks in its name, each behind a backslash" {
  serve 'VIRBY_SHARES=one=. two=my\ *\ folder'
  call
  ends 71
  tells "virby-boot: cannot open 'my * folder': No such file or directory"
}

@test "signals to the whole group, again and again: each stage's status is known" {
  serve
  call
  eventually 60 tells ' open id=1 active=1'
  session=$(said session)
  for signal in TERM HUP TERM HUP; do kill "-$signal" -- "-$session"; done
  ends 69
  eventually 10 tells "$statuses"
  tells ' stopped how=asked status=0'
  run ! tells unbound
  [ "$(find builder -maxdepth 1 -name 'ended*')" = "" ]
}

@test "virbyd ends with the status of the leftmost stage that failed" {
  serve VIRBY_CMDLINE=x VIRBY_INITRD=/nonexistent
  call
  ends 71
  tells "cannot open '/nonexistent'"
}

@test "a Mac is kept awake while a client is connected, and no longer" {
  mkdir bin
  # Ends when process 4711, after -w, does; says what it was called with.
  cat >bin/caffeinate <<END
#!/bin/sh
echo "begins \$*" >>"$PWD/awake"
trap 'echo ends >>"$PWD/awake"; exit' TERM
while kill -0 "\$3"; do sleep 0.1; done
END
  chmod +x bin/caffeinate
  serve "PATH=$PWD/bin:$PATH"
  visit first
  eventually 60 tells ' open id=1 active=1'
  begins="begins -i -w $(said session)"
  eventually 5 occurs "$begins" awake
  visit second
  eventually 60 tells ' open id=2 active=2'
  touch first
  eventually 60 tells ' close id=1 active=1'
  [ "$(cat awake)" = "$begins" ]
  touch second
  eventually 60 tells ' close id=2 active=0'
  eventually 5 occurs ends awake
  call
  eventually 60 eval '[ "$(grep -c begins awake)" = 2 ]'
  kill -TERM "$manager"
  ends 69
  eventually 5 eval '[ "$(cat awake)" = "$begins
ends
$begins
ends" ]'
}

@test "where it may sleep, and where there is no caffeinate" {
  mkdir bin
  printf '#!/bin/sh\ntouch "%s"\n' "$PWD/awake" >bin/caffeinate
  chmod +x bin/caffeinate
  serve "PATH=$PWD/bin:$PATH" VIRBY_AWAKE=
  call
  eventually 60 tells ' open id=1 active=1'
  kill -TERM "$manager"
  ends 69
  [ ! -e awake ]
}

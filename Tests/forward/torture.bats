# virby-forward under load and ill treatment. Bounded: the whole file takes a minute or two.

load ../cli/helpers
load ../cli/stage

# What takes a minute or more of waiting begins with the others, and its tests are the last.
setup_file() {
  mkdir "$BATS_FILE_TMPDIR/vsock"
  cd "$BATS_FILE_TMPDIR/vsock" || return
  setsid "$BATS_TEST_DIRNAME/half-closed" >answers 2>errors 3>&- &
  echo $! >pid
  if [ "$(id -u)" -ne 0 ] || ! unshare --net true 2>/dev/null; then return; fi
  mkdir "$BATS_FILE_TMPDIR/link"
  cd "$BATS_FILE_TMPDIR/link" || return
  setsid "$BATS_TEST_DIRNAME/dead-link" >answers 2>errors 3>&- &
  echo $! >pid
}

teardown_file() {
  # A process that is left would keep bats from ending, for it has its output.
  local pid
  for pid in "$BATS_FILE_TMPDIR"/*/pid; do kill -KILL -- "-$(cat "$pid")" 2>/dev/null || true; done
}

crowd() {
  python3 "$BATS_TEST_DIRNAME/crowd.py" "$@" 3>&- 8>&-
}

# crowd_server: an echo server for thousands.
crowd_server() {
  python3 "$BATS_TEST_DIRNAME/crowd.py" echo >server 2>server.errors 3>&- 8>&- &
  PIDS+=($!)
  eventually 10 test -s server
  SERVER=$(head -n 1 server)
}

# listen_again PLAN...: a server on the port of the last one.
listen_again() {
  PORT=$SERVER server "$@"
}

descriptors() {
  [ -d "/proc/$STAGE/fd" ] || skip 'needs /proc'
  find "/proc/$STAGE/fd" -mindepth 1 | wc -l
}

# settled COUNT: so many descriptors are open.
settled() {
  [ "$(descriptors)" -eq "$1" ]
}

# memory FIELD: what /proc says of the process, in KiB: VmHWM is the most it ever had.
memory() {
  [ -e "/proc/$STAGE/status" ] || skip 'needs /proc'
  awk -v "field=$1:" '$1 == field { print $2 }' "/proc/$STAGE/status"
}

# last_active COUNT: the last event says that so many connections are open.
last_active() {
  tail -n 1 events | grep -q "active=$1 "
}

@test "the client ends first: 64 MiB still come after it" {
  server late:67108864
  forward -l 127.0.0.1:0
  running
  run -0 client connect greeting send:go end drain
  eventually 5 occurs "sent ${output#drained }" server
  grep -qxF "got b'go\\n'" server
  eventually 5 occurs 'close id=1 active=0 in=3 out=67108878' events
}

@test "the server ends first: 64 MiB still reach it" {
  server early
  forward -l 127.0.0.1:0
  running
  run -0 client connect greeting drain pour:67108864 end
  [ "${lines[0]%% e3b0c442*}" = 'drained 0' ]
  eventually 5 occurs "drained ${lines[1]#sent }" server
  eventually 5 occurs 'close id=1 active=0 in=67108864 out=14' events
}

@test "the server resets in the middle of a stream: the client feels a reset" {
  server cut:8388608
  forward -l 127.0.0.1:0
  running
  run -0 client connect greeting pour:1073741824
  [ "$output" = ConnectionResetError ] || [ "$output" = BrokenPipeError ]
  eventually 5 occurs 'close id=1 active=0' events
  [ ! -s errors ]
}

@test "the client resets in the middle of a stream: the server feels a reset" {
  server deaf:go
  forward -l 127.0.0.1:0
  running
  client connect greeting stuff reset
  eventually 5 occurs 'close id=1 active=0' events
  touch go
  eventually 5 occurs ConnectionResetError server
}

@test "50 clients whose server does not read: memory stays bounded, no time is burnt, nothing is lost" {
  server deaf:go
  by_hand
  local number before
  client connect greeting
  before=$(memory VmHWM)
  for number in {1..50}; do
    later "taken$number" client connect greeting stuff end read
  done
  for number in {1..50}; do eventually 60 occurs taken "taken$number"; done
  # There are 32 pipes; all others hold a buffer of 256 KiB at most.
  [ $(($(memory VmHWM) - before)) -lt 12000 ]
  at_rest "$STAGE"
  touch go
  eventually 30 last_active 0
  diff <(cat taken* | sed -n 's/^taken //p' | sort -n) \
    <(sed -n 's/^drained \([1-9][0-9]*\) .*/\1/p' server | sort -n)
}

@test "2,000 connections at once, then none: descriptors and memory are as before" {
  crowd_server
  ulimit -n "$(ulimit -H -n)"
  [ "$(ulimit -n)" = unlimited ] || [ "$(ulimit -n)" -ge 8192 ] || skip 'needs 8192 descriptors'
  by_hand
  local count before
  crowd short "$PORT" 16
  count=$(descriptors)
  before=$(memory VmRSS)
  later answer python3 "$BATS_TEST_DIRNAME/crowd.py" hold "$PORT" 2000 go
  eventually 60 occurs 'first 2000' answer
  [ "$(descriptors)" -eq $((count + 4000)) ]
  # Below 2 KiB each.
  [ $(($(memory VmRSS) - before)) -lt 4000 ]
  at_rest "$STAGE"
  touch go
  eventually 60 occurs 'second 2000' answer
  eventually 30 settled "$count"
  eventually 10 last_active 0
}

@test "10,000 short connections: descriptors and memory are as before" {
  crowd_server
  by_hand
  local count before
  crowd short "$PORT" 200
  eventually 10 last_active 0
  count=$(descriptors)
  before=$(memory VmRSS)
  run -0 crowd short "$PORT" 10000
  [ "$output" = 'all 10000' ]
  eventually 10 last_active 0
  settled "$count"
  [ $(($(memory VmRSS) - before)) -lt 1024 ]
  [ "$(grep -c '^close' events)" -eq 10200 ]
  [ ! -s errors ]
}

@test "20,000 bytes, each by itself" {
  crowd_server
  by_hand
  run -0 crowd bytes "$PORT" 20000
  [ "$output" = 'all 20000' ]
  eventually 5 occurs 'close id=1 active=0 in=20000 out=20000' events
}

@test "1 GiB each way at once arrives intact, through pipes" {
  server both:1073741824
  forward -l 127.0.0.1:0
  running
  run -0 client connect greeting both:1073741824
  local sent received
  read -r _ sent _ received <<<"$output"
  eventually 10 occurs "sent $received received $sent" server
  eventually 5 occurs 'close id=1 active=0 in=1073741824 out=1073741838' events
}

@test "256 MiB each way at once arrive intact, without a pipe to be had" {
  server both:268435456
  ulimit -n 24
  forward -l 127.0.0.1:0
  running
  run -0 client connect greeting both:268435456
  local sent received
  read -r _ sent _ received <<<"$output"
  eventually 10 occurs "sent $received received $sent" server
}

@test "20 clients of a server that refuses: all are told when their patience has passed" {
  SERVER=$(free_port)
  by_hand --patience 1s
  local number
  for number in {1..20}; do later "answer$number" client connect read; done
  for number in {1..20}; do eventually 20 occurs "b''" "answer$number"; done
  eventually 5 last_active 0
  [ "$(grep -c '^virby-forward: warning: closed client' errors)" -eq 20 ]
}

@test "as long as nobody answers attempts are made beside each other; the first that is greeted is kept, and no other" {
  server silent silent echo
  forward -l 127.0.0.1:0
  running
  eventually 5 occurs running events
  local before
  before=$(descriptors)
  later answer client connect send:x greeting wait:go end read
  eventually 15 occurs 'echo 3' server
  eventually 10 settled $((before + 2))
  touch go
  eventually 5 occurs bye answer
  eventually 5 settled "$before"
  [ "$(sed -n '2,$p' server | cut -d' ' -f1 | paste -sd' ')" = "silent silent echo" ]
}

@test "a greeting that dribbles in arrives whole" {
  server dribble
  forward -l 127.0.0.1:0
  running
  run -0 client connect greeting send:hello end read
  [ "$output" = "b'hello\\n'" ]
}

@test "200 clients that leave while the guest boots cost nothing, and the next one is served" {
  SERVER=$(free_port)
  forward -l 127.0.0.1:0
  running
  eventually 5 occurs running events
  local count
  count=$(descriptors)
  crowd leave "$PORT" 200
  eventually 10 occurs 'open id=200' events
  listen_again echo
  run -0 client connect send:hello end greeting read
  [[ $output == *hello*bye* ]]
  eventually 20 settled "$count"
  eventually 5 last_active 0
}

@test "200 ssh clients while the guest boots: sshd, at its default MaxStartups, lets in every one" {
  ssh_keys
  server mail
  local number mail=$SERVER
  SERVER=$(free_port)
  forward -l 127.0.0.1:0
  running
  # A connection through sshd instead of a shell, which may have much to read before it begins.
  for number in {1..200}; do ssh_client "answer$number" -W "127.0.0.1:$mail"; done
  eventually 30 occurs 'open id=200' events
  # The quickest exchange of keys, for it is 200 times two processes that calculate.
  ssh_server -o MaxStartups=10:30:100 -o KexAlgorithms=curve25519-sha256
  for number in {1..200}; do eventually 60 occurs '220 mail' "answer$number"; done
  eventually 10 last_active 0
  [ ! -s errors ]
}

@test "the guest's address changes: who is connected stays, who comes goes to the new one" {
  server echo
  forward -l 127.0.0.1:0
  running
  later old client connect greeting wait:go send:old end read
  eventually 10 occurs ready events
  mv server first
  server dribble
  running
  eventually 5 occurs "at=tcp:127.0.0.1:$SERVER" events
  run -0 client connect greeting send:new end read
  [ "$output" = "b'new\\n'" ]
  touch go
  eventually 10 occurs "b'old\\nbye\\n'" old
  grep -qx 'echo 1' first
  grep -qx 'dribble 1' server
}

@test "the guest's address changes while a client waits: it is served at the new one" {
  SERVER=$(free_port)
  forward -l 127.0.0.1:0
  running
  later answer client connect send:moved end greeting read
  eventually 5 occurs open events
  server echo
  running
  eventually 10 occurs moved answer
  eventually 5 occurs "ready at=tcp:127.0.0.1:$SERVER" events
}

@test "the guest's sshd restarts: clients wait for it, and it is ready only once" {
  server echo
  forward -l 127.0.0.1:0
  running
  run -0 client connect send:before end greeting read
  kill -KILL "${PIDS[0]}"
  eventually 5 ended "${PIDS[0]}"
  later answer client connect send:after end greeting read
  eventually 5 occurs 'open id=2' events
  mv server first
  listen_again echo
  eventually 10 occurs after answer
  eventually 5 occurs 'close id=2 active=0' events
  [ "$(grep -c ^ready events)" -eq 1 ]
}

@test "600 connections one after the other, each ended in one of eight ways: all arrive, and no descriptor stays" {
  [ -d /proc/self/fd ] || skip 'needs /proc'
  run -0 python3 "$BATS_TEST_DIRNAME/endings.py" 600 virby-forward
  [ "$output" = "faults 0
descriptors as before
status 0" ]
}

@test "100 slow readers, then none: no pipe is kept" {
  server both:8388608
  forward -l 127.0.0.1:0
  running
  local count number
  count=$(descriptors)
  for number in {1..100}; do later "slow$number" client narrow connect greeting wait:go read; done
  eventually 60 occurs 'open id=100 active=100' events
  touch go
  for number in {1..100}; do kill "${PIDS[-$number]}"; done
  eventually 30 last_active 0
  eventually 10 settled "$count"
}

@test "1,000 clients at random instants around the idle exit: none is lost" {
  crowd_server
  run -0 python3 "$BATS_TEST_DIRNAME/edge.py" "127.0.0.1:$SERVER" 1000
  [ "${lines[0]}" = 'lost []' ]
  # The pipeline ended often enough for that to mean something.
  [ "${lines[1]#starts }" -gt 100 ]
}

@test "1,000 clients at random instants around a question and a closing command: none is lost" {
  crowd_server
  run -0 python3 "$BATS_TEST_DIRNAME/edge.py" "127.0.0.1:$SERVER" 1000 --busy 'exit 1' -- sleep 0.005
  [ "${lines[0]}" = 'lost []' ]
  [ "${lines[1]#starts }" -gt 20 ]
}

# took NAME SECONDS: the connection of dead-link was reset, and not later than that.
took() {
  local seconds
  seconds=$(sed -n "s/^$1 ConnectionResetError after \([0-9]*\) s$/\1/p" "$BATS_FILE_TMPDIR/link/answers")
  [ -n "$seconds" ] && [ "$seconds" -le "$2" ]
}

@test "a guest that is gone without a word: both its connections are reset in time, and the next one is served" {
  [ -d "$BATS_FILE_TMPDIR/link" ] || skip 'needs root, for two network namespaces'
  eventually 100 occurs next "$BATS_FILE_TMPDIR/link/answers"
  took idle 80
  # Without TCP_RTO_MAX_MS the kernel tries for a quarter of an hour.
  [ "$(printf '6.15\n%s\n' "$(uname -r)" | sort -V | head -n 1)" != 6.15 ] || took busy 80
  grep -qF "next b'x\nbye\n'" "$BATS_FILE_TMPDIR/link/answers"
}

@test "a network that comes up late: the client is greeted, after two connections at most" {
  [ "$(id -u)" = 0 ] || skip 'needs root, for two network namespaces'
  run -0 "$BATS_TEST_DIRNAME/late-link"
  [ "${lines[0]}" = "b'hello\\n'" ]
  [ "${#lines[@]}" -le 3 ]
}

# answered NAME ANSWER: what a client of half-closed has heard.
answered() {
  grep -qxF "$1 $2" "$BATS_FILE_TMPDIR/vsock/answers"
}

@test "a server that cannot hear of its client's end, as over vsock: silence is given up, a slow answer is not" {
  eventually 150 occurs late "$BATS_FILE_TMPDIR/vsock/answers"
  eventually 10 answered gone "b'SSH-2.0-peer\\r\\n' ConnectionResetError"
  answered late "b'SSH-2.0-peer\\r\\n12345678'"
  eventually 10 grep -qx 'close id=1 active=[01] in=0 out=14' "$BATS_FILE_TMPDIR/vsock/events"
  grep -qx "virby-forward: closed client 1: it has ended its side, and nothing has moved for 1m" \
    "$BATS_FILE_TMPDIR/vsock/said"
}

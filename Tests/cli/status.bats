#!/usr/bin/env bats
# virby-status: what it makes of virbyd's log and of the kernel.

load helpers
load scripts

setup() {
  own_folder
  use_bash
  PATH=$REPO/Tests/standins:$PATH:$REPO/scripts
  export VIRBY_DIR=$PWD/builder VIRBY_SETTINGS='' VIRBY_TTL=3h
  VIRBY_PORT=
  while [ -z "$VIRBY_PORT" ] || (: <>"/dev/tcp/127.0.0.1/$VIRBY_PORT") 2>/dev/null; do VIRBY_PORT=$((10000 + RANDOM % 22000)); done
  export VIRBY_PORT
  prepare
  present=$(date +%s)
  started=()
}

teardown() {
  for pid in ${started[@]+"${started[@]}"}; do kill -TERM "$pid" 2>/dev/null || true; done
  wait
  eventually 20 eval '! virby-image holder builder/disk.img 2>/dev/null'
}

# log AGO EVENT: a line of virbyd's log, from so many seconds ago.
log() {
  echo "$(date -d "@$((present - $1))" '+%Y-%m-%d %H:%M:%S') $2" >>builder/log/virbyd.log
}

# run_guest: virby-boot, with the stand-in for vfkit, has the disk.
run_guest() {
  virby-boot -q --driver vfkit --serial console --control control builder/disk.img >events 2>&1 3>&- &
  started+=($!)
  eventually 20 occurs running events
}

# began AGO: a run of a virbyd that lives has come to `ready`.
began() {
  log "$1" "begin pid=$$ listen=fd:3"
  log "$(($1 - 1))" 'starting driver=vfkit pid=1 mac=02:94:00:0a:01:02'
  log "$(($1 - 2))" 'running mac=02:94:00:0a:01:02'
  log "$(($1 - 4))" 'lease mac=02:94:00:0a:01:02 address=192.168.64.7'
  log "$(($1 - 10))" 'ready at=tcp:192.168.64.7:22'
}

status() {
  jq -r "$1" <<<"$output"
}

@test "the last start as a waterfall, and the last end" {
  log 9000 'begin pid=1 listen=fd:3'
  log 8999 'starting driver=qemu pid=1 mac=02:94:00:0a:01:02'
  log 8998 'running mac=02:94:00:0a:01:02 at=tcp:127.0.0.1:40022'
  log 8986 'ready at=tcp:127.0.0.1:40022'
  log 8900 'idle for=80'
  log 8899 'stopping why=hangup'
  log 8898 'stopped how=asked status=0'
  log 8898 'end status=0 stages=0,0,0,0'
  printf 'virby-guest: kernel at 4.93 s\r\nvirby-guest: root at 5 s\r\nvirby-guest: sshd at 8.43 s\r\n' >builder/log/serial.log
  run --separate-stderr -1 virby-status
  [ "$stderr" = "" ]
  key=$(virby-keys fingerprint builder/keys/ssh_host_ed25519_key.pub)
  began=$(date -d "@$((present - 9000))" '+%Y-%m-%d %H:%M:%S') ended=$(date -d "@$((present - 8898))" '+%Y-%m-%d %H:%M:%S')
  diff - <(printf '%s\n' "${output//"$key"/KEY}") <<END
vm        down
port      127.0.0.1:$VIRBY_PORT, nobody listens
disk      0 MiB in use, limit 32 MiB
key       KEY
console   $VIRBY_DIR/log/serial.log
start     $began, answered after 14 s
  driver   ### 1 s
  machine    #### 2 s
  kernel        ############### 6.9 s
  sshd                        ########### 10.4 s
  answer                                ########### 14 s
stop      $ended, asked, idle
END
  run -1 virby-status --json
  [ "$(status '.state, .up, .listening, .how, (.start | map(.step) | join(" ")), .stopped')" = "down
false
false
asked, idle
starting running kernel sshd ready
$ended" ]
}

@test "the waterfall by an awk that is not mawk" {
  command -v original-awk >/dev/null || skip 'needs original-awk, which is the awk of macOS'
  began 9000
  run -1 virby-status
  mkdir bin
  ln -s "$(type -P original-awk)" bin/awk
  before=$output
  PATH=$PWD/bin:$PATH run -1 virby-status
  [ "$output" = "$before" ]
  PATH=$PWD/bin:$PATH run -1 virby-status --json
  [ "$(status .guest)" = null ]
}

@test "a run that ended before there was a guest, and one that failed" {
  log 100 'begin pid=1 listen=fd:3'
  log 99 'end status=71'
  run -1 virby-status
  [[ $output == *', before the guest ran, status 71' ]]
  began 90
  log 70 'stopped how=failed status=1'
  log 70 'end status=69 stages=69,0,69,1'
  run -1 virby-status
  [[ $output == *", failed, driver's status 1, status 69" ]]
}

@test "clients, their ages, and how long until the builder is idle" {
  run_guest
  began 3700
  log 3600 'open id=1 active=1'
  log 200 'open id=2 active=2'
  log 100 'close id=1 active=1 in=1 out=1'
  run -0 virby-status --json
  [ "$(status '.state, .up, .guest, (.clients | length), .clients[0].id, .idleIn')" = 'ready
true
tcp:192.168.64.7:22
1
2
null' ]
  [ "$(status '.clients[0].age')" -ge 200 ]
  run -0 virby-status
  grep -xE 'clients   2 for 3m [0-9]+s' <<<"$output"
  log 50 'close id=2 active=0 in=1 out=1'
  run -0 virby-status
  grep -xE 'clients   none' <<<"$output"
  grep -xE 'idle      in 2h (58|59)m' <<<"$output"
  VIRBY_TTL=40s run -0 virby-status
  grep -x 'idle      when the guest is not busy' <<<"$output"
}

@test "bytes of a client that is connected, from the kernel" {
  command -v ss >/dev/null || skip 'needs ss'
  run_guest
  began 100
  log 10 'open id=1 active=1'
  python3 -m http.server --bind 127.0.0.1 "$VIRBY_PORT" >/dev/null 2>&1 3>&- &
  started+=($!)
  eventually 10 eval '(: <>"/dev/tcp/127.0.0.1/$VIRBY_PORT") 2>/dev/null'
  exec 9<>"/dev/tcp/127.0.0.1/$VIRBY_PORT"
  # No request yet, so that it stays.
  printf 'GET / HTTP/1.0' >&9
  sent() {
    virby-status --json >now && [ "$(jq .in now)" = 14 ]
  }
  eventually 10 sent
  exec 9>&-
}

@test "booting, closing, powering off, and starting" {
  log 10 "begin pid=$$ listen=fd:3"
  run -1 virby-status --json
  [ "$(status .state)" = starting ]
  log 9 'starting driver=vfkit pid=1 mac=02:94:00:0a:01:02'
  run_guest
  run -0 virby-status --json
  [ "$(status .state)" = booting ]
  rm builder/log/virbyd.log
  # As in virbyd, a shell has virby-idle run its closing command.
  mkfifo pipe
  exec 7<>pipe
  bash -c '{ virby-idle -t 1s -- sleep 60; :; } <pipe | cat' 3>&- 7>&- &
  started+=($!)
  log 10 "begin pid=$! listen=fd:3"
  log 9 'starting driver=vfkit pid=1 mac=02:94:00:0a:01:02'
  log 5 'ready at=tcp:192.168.64.7:22'
  eventually 10 eval '[ "$(virby-status --json | jq -r .state)" = closing ]'
  exec 7>&-
  log 2 'idle for=3'
  run -0 virby-status --json
  [ "$(status .state)" = 'powering off' ]
}

@test "a log of which the end is not there: virbyd was killed" {
  run_guest
  log 100 'begin pid=999999999 listen=fd:3'
  log 99 'starting driver=vfkit pid=1 mac=02:94:00:0a:01:02'
  run -0 virby-status --json
  [ "$(status '.state, .guest')" = 'running
null' ]
}

@test "who listens, and a rotation" {
  systemd-socket-activate -l "127.0.0.1:$VIRBY_PORT" true >listening 2>&1 3>&- &
  started+=($!)
  eventually 10 occurs Listening listening
  virby-keys rotate builder/keys >/dev/null
  run -1 virby-status
  grep -x "port      127.0.0.1:$VIRBY_PORT, listened on by systemd-socket-" <<<"$output"
  grep -x "rotation  under way, next $(virby-keys fingerprint builder/keys/ssh_host_ed25519_key.next)" <<<"$output"
  run -1 virby-status --json
  [ "$(status '.listening, .rotation')" = 'true
true' ]
}

@test "--watch: again and again, until nobody reads it" {
  virby-status --watch >shown 3>&- &
  started+=($!)
  eventually 20 eval '[ "$(grep -c "^vm  *down" shown)" -ge 2 ]'
  run -64 --separate-stderr virby-status --json now
  [ "$stderr" = "virby-status: unknown argument 'now'
virby-status: hint: see 'virby-status --help'" ]
}

@test "--plot: the starts of the log as SVG, and no other file is replaced" {
  for ago in 9000 7000 5000; do
    began "$ago"
    log "$((ago - 20))" 'stopped how=asked status=0'
    log "$((ago - 20))" 'end status=0 stages=0,0,0,0'
  done
  # One that nobody was answered in is not drawn.
  log 90 'begin pid=1 listen=fd:3'
  log 89 'starting driver=vfkit pid=1 mac=02:94:00:0a:01:02'
  run --separate-stderr -0 virby-status --plot starts.svg
  [ "$output$stderr" = "" ]
  python3 -c '
import xml.etree.ElementTree as tree
svg = tree.parse("starts.svg").getroot()
columns = svg.findall("{*}g")
assert len(columns) == 3, columns
for column in columns:
    assert column.find("{*}title").text.endswith(": 10 s")
    bars = [float(bar.get("height")) for bar in column.findall("{*}rect")]
    assert bars == [24, 24, 48, 144], bars'
  before=$(echo *)
  virby-status --plot starts.svg
  [ "$(echo *)" = "$before" ]
  echo mine >other
  run --separate-stderr -64 virby-status --plot other
  [ "$stderr" = "virby-status: 'other' is there, and is no picture of starts
virby-status: hint: name another file" ]
  [ "$(cat other)" = mine ]
  run --separate-stderr -64 virby-status --plot
  [ "${stderr%%$'\n'*}" = "virby-status: no value for '--plot'" ]
}

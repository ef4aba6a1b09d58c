#!/usr/bin/env bats
# The stand-in for launchd, by itself: sockets, and how jobs with and without them are stopped.

load ../cli/helpers
load rig
load jobs

key() {
  echo "<key>$1</key>$2"
}

# listening: somebody listens at the port.
listening() {
  mac_linux ss -Hltn "sport = :$port" | grep -q .
}

@test "a socket is there while the job is loaded, and starts it" {
  plist "$(serves 2)" "$(sockets) $(key UserName '<string>_www</string>')"
  load_job
  listening
  shows 'state = not running'
  mac launchctl print "system/$label" | grep -q "node = 127.0.0.1:$port"
  first=$(call)
  [ "$first" = "$(pid_of_job)" ]
  [ "$(call)" = "$first" ]
  eventually 5 shows 'state = not running'
  shows 'last exit code = 0'
  listening
  mac launchctl bootout "system/$label"
  run ! listening
}

@test "the listening socket is 0, 1 and 2, but for what is told to go elsewhere" {
  program="exec 3>$there/same
    for number in 0 1 2; do [ /dev/fd/0 -ef /dev/fd/\$number ] && [ -S /dev/fd/0 ] && echo \$number >&3; done
    $(serves 1)"
  plist "$program" "$(sockets)"
  load_job
  call
  [ "$(cat same)" = $'0\n1\n2' ]
  mac launchctl bootout "system/$label"
  plist "$program" "$(sockets) $(key StandardErrorPath "<string>$there/err</string>")"
  load_job
  call
  [ "$(cat same)" = $'0\n1' ]
}

@test "without Wait each client has a process, and the connection is 0, 1 and 2" {
  plist 'read -r word; echo "$word $$"' "$(sockets nowait)"
  load_job
  one=$(mac bash -c "exec 9<>/dev/tcp/127.0.0.1/$port; echo a >&9; cat <&9")
  two=$(mac bash -c "exec 9<>/dev/tcp/127.0.0.1/$port; echo b >&9; cat <&9")
  [ "${one% *}" = a ]
  [ "${two% *}" = b ]
  [ "${one#* }" != "${two#* }" ]
  eventually 5 shows 'runs = 2'
}

@test "a client that the job leaves behind starts it again" {
  plist "$(serves 1)" "$(sockets) $(key ThrottleInterval '<integer>2</integer>')"
  load_job
  call >one &
  call >two &
  wait
  [ "$(sort -u one two | wc -l)" = 2 ]
  logs 'service only ran for a short time; starts in'
  shows 'runs = 2'
}

@test "what launchd 842 let pass: a job with a socket is not held back" {
  # All tests of the file share launchd; others do not mind.
  plist "$(serves 1)" "$(sockets) $(key ThrottleInterval '<integer>600</integer>')"
  load_job
  mac launchctl rig-switch inetd-exempt true
  call >one
  call >two
  mac launchctl rig-switch inetd-exempt false
  [ "$(sort -u one two | wc -l)" = 2 ]
}

@test "a job whose port is taken is loaded without its socket" {
  mac_linux nc.openbsd -l 127.0.0.1 "$port" >/dev/null &
  taken=$!
  eventually 5 listening
  plist "$(serves 1)" "$(sockets)"
  load_job
  logs "cannot bind Listener to 127.0.0.1:$port"
  run ! grep -q sockets <(mac launchctl print "system/$label")
  mac bash -c "exec 9<>/dev/tcp/127.0.0.1/$port"
  wait "$taken"
  shows 'runs = 0'
}

@test "a name means an address of each family, and no name all addresses" {
  plist "$(serves 1)" "$(sockets | sed 's/127.0.0.1/localhost/; s/<key>SockFamily.*<.string>//')"
  load_job
  mac_linux ss -Hltn "sport = :$port" | grep -qF "127.0.0.1:$port"
  mac launchctl bootout "system/$label"
  plist "$(serves 1)" "$(sockets | sed 's/<key>SockNodeName.*//')"
  load_job
  mac_linux ss -Hltn "sport = :$port" | grep -qF "0.0.0.0:$port"
}

@test "a Unix socket, with its mode" {
  plist "$(serves 1)" "$(key inetdCompatibility '<dict><key>Wait</key><true/></dict>')
    <key>Sockets</key><dict><key>L</key><dict><key>SockPathName</key><string>$there/socket</string>
    <key>SockPathMode</key><integer>438</integer></dict></dict>"
  load_job
  [ "$(stat -c '%a %F' socket)" = '666 socket' ]
  [ -n "$(mac_as admin nc -U "$there/socket" </dev/null)" ]
  mac launchctl bootout "system/$label"
  [ ! -e socket ]
}

@test "TERM to the process alone, and then to what is left of its group" {
  plist "trap 'echo main >>$there/ends; exit 0' TERM
    sh -c 'trap \"echo child >>$there/ends; exit\" TERM; touch $there/up; while :; do sleep 0.1; done' &
    while :; do sleep 0.1; done" "$(key RunAtLoad '<true/>')"
  load_job
  eventually 5 [ -e up ]
  run -0 mac launchctl bootout "system/$label"
  eventually 5 eval '[ "$(cat ends)" = "main
child" ]'
}

@test "a group that is abandoned lives on" {
  plist "sh -c 'touch $there/up; exec sleep 600' &
    echo \$! >$there/child; until [ -e $there/up ]; do sleep 0.1; done" \
    "$(key RunAtLoad '<true/>') $(key AbandonProcessGroup '<true/>')"
  load_job
  eventually 5 shows 'last exit code = 0'
  mac kill "$(cat child)"
}

@test "KILL when its time is over; bootout does not wait for that" {
  plist "trap '' TERM; touch $there/up; while :; do sleep 0.1; done" \
    "$(key RunAtLoad '<true/>') $(key ExitTimeOut '<integer>3</integer>')"
  load_job
  eventually 5 [ -e up ]
  run -36 mac launchctl bootout "system/$label"
  [ "$output" = 'Boot-out failed: 36: Operation now in progress' ]
  run -37 load_job
  [ "$output" = 'Bootstrap failed: 37: Operation already in progress' ]
  eventually 10 eval '! mac launchctl print "system/$label"'
  logs 'exit timed out, sends SIGKILL'
  load_job
}

@test "a job that takes its leave in time is not killed" {
  plist "trap 'sleep 0.5; exit 0' TERM; touch $there/up; while :; do sleep 0.1; done" "$(key RunAtLoad '<true/>')"
  load_job
  eventually 5 [ -e up ]
  mac launchctl stop "$label"
  eventually 5 shows 'last exit code = 0'
  shows 'state = not running'
  run ! logs SIGKILL
}

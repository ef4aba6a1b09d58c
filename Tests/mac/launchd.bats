#!/usr/bin/env bats
# The stand-in for launchd, by itself: what it loads, and how it starts and stops jobs.

load ../cli/helpers
load rig
load jobs

# refused STATUS REASON [KEYS]: a job with such keys is not loaded.
refused() {
  plist 'exit' "${3-}"
  run --separate-stderr "-$1" load_job
  case $1 in
    5) [ "$stderr" = 'Bootstrap failed: 5: Input/output error' ] ;;
    122) [ "$stderr" = 'Bootstrap failed: 122: Path had bad ownership/permissions' ] ;;
  esac
  [ "$output" = '' ]
  grep -qF "refused: $file: $2" "$MAC/log"
}

key() {
  echo "<key>$1</key>$2"
}

@test "a property list with an unknown key, or a value of a wrong type, is refused" {
  refused 5 "has the key 'KeepALive', which launchd.plist(5) does not" "$(key KeepALive '<true/>')"
  refused 5 "has a 'RunAtLoad' that is not a boolean" "$(key RunAtLoad '<string>yes</string>')"
  refused 5 "has a 'ExitTimeOut' that is not an integer" "$(key ExitTimeOut '<string>90</string>')"
  refused 5 "has a 'ThrottleInterval' that is not an integer" "$(key ThrottleInterval '<true/>')"
  refused 5 "has a 'EnvironmentVariables' that has a 'A' that is not a string" \
    "$(key EnvironmentVariables '<dict><key>A</key><integer>1</integer></dict>')"
  refused 5 "has a 'ProcessType' that is 'interactive', none of" "$(key ProcessType '<string>interactive</string>')"
  refused 5 "has a 'SoftResourceLimits' that has the key 'Files'" \
    "$(key SoftResourceLimits '<dict><key>Files</key><integer>1</integer></dict>')"
  refused 5 "has a 'Sockets' that has a 'L' that has a 'SockFamily' that is 'inet'" \
    "$(key Sockets '<dict><key>L</key><dict><key>SockFamily</key><string>inet</string></dict></dict>')"
  refused 5 "inetdCompatibility without Sockets" "$(key inetdCompatibility '<dict><key>Wait</key><true/></dict>')"
  refused 5 "Umask is '0o77'" "$(key Umask '<string>0o77</string>')"
  refused 5 'ExitTimeOut is -1' "$(key ExitTimeOut '<integer>-1</integer>')"
  refused 5 "the stand-in does not know what launchd would make of 'WatchPaths'" \
    "$(key WatchPaths '<array><string>/etc</string></array>')"
}

@test "a property list without what a job needs is refused" {
  refused 5 "'sh' is not a whole path" "$(key Program '<string>sh</string>')"
  plist exit
  sed -i /ProgramArguments/d "$MAC/root$file"
  run -5 load_job
  grep -qF "refused: $file: has neither Program nor ProgramArguments" "$MAC/log"
  plist exit
  sed -i /Label/d "$MAC/root$file"
  run -5 load_job
  grep -qF "refused: $file: has no Label" "$MAC/log"
  plist 'true' '<key>Umask</key>'
  run -5 load_job
  grep -qF "refused: $file: is no property list" "$MAC/log"
  rm "$MAC/root$file"
  run -5 load_job
}

@test "a property list that others may write to, or that is not root's, is refused" {
  plist exit
  chmod 664 "$MAC/root$file"
  run -122 load_job
  chmod 646 "$MAC/root$file"
  run -122 load_job
  chmod 644 "$MAC/root$file"
  chown 501 "$MAC/root$file"
  run -122 load_job
  [ "$output" = 'Bootstrap failed: 122: Path had bad ownership/permissions' ]
  run -0 mac launchctl load "$file"
  [ "$output" = "$file: Path had bad ownership/permissions" ]
}

@test "a job has a clean environment, with what its user's record says" {
  plist "env >'$there/env'" "$(key UserName '<string>_www</string>') $(key RunAtLoad '<true/>')
    $(key EnvironmentVariables '<dict><key>ONE</key><string>1 2</string></dict>')"
  load_job
  eventually 5 shows 'last exit code = 0'
  [ "$(grep -v -e ^PWD= -e ^SHLVL= -e ^_= env | sort)" = "HOME=/Library/WebServer
LOGNAME=_www
ONE=1 2
PATH=/usr/bin:/bin:/usr/sbin:/sbin
SHELL=/usr/bin/false
USER=_www
XPC_FLAGS=0x0
XPC_SERVICE_NAME=$label" ]
}

@test "a job of root's has no home" {
  plist "env >'$there/env'; id -u >'$there/id'" "$(key RunAtLoad '<true/>')"
  load_job
  eventually 5 shows 'last exit code = 0'
  [ "$(cat id)" = 0 ]
  run ! grep -e ^HOME= -e ^USER= -e ^LOGNAME= -e ^SHELL= env
}

@test "user, groups, umask, folder, limits, session and descriptors" {
  plist "{ id -u; id -g; id -G; umask; pwd; ulimit -n; } >'$there/is'
    tty >'$there/tty' || true
    /.linux/usr/bin/readlink /dev/fd/0 /dev/fd/1 /dev/fd/2 >'$there/fds'
    ps -o pid= -o pgid= -o sess= -p \$\$ >'$there/session'" \
    "$(key UserName '<string>admin</string>') $(key GroupName '<string>_www</string>') $(key RunAtLoad '<true/>')
     $(key Umask '<integer>63</integer>') $(key WorkingDirectory '<string>/Users/admin</string>')"
  load_job
  eventually 5 shows 'last exit code = 0'
  [ "$(cat is)" = "501
70
70 80
0077
/Users/admin
256" ]
  [ "$(cat tty)" = 'not a tty' ]
  # The second is where it writes that.
  [ "$(sed -n '1p;3p' fds)" = $'/dev/null\n/dev/null' ]
  read -r pid group session <session
  [ "$pid" = "$group" ]
  [ "$pid" = "$session" ]
}

@test "limits and files for output; they are added to, and made as the job's user" {
  plist 'ulimit -n; echo oops >&2' "$(key RunAtLoad '<true/>') $(key UserName '<string>_www</string>')
    $(key SoftResourceLimits '<dict><key>NumberOfFiles</key><integer>8192</integer></dict>')
    $(key StandardOutPath "<string>$there/out</string>") $(key StandardErrorPath "<string>$there/err</string>")"
  echo before >out
  chmod 666 out
  load_job
  eventually 5 shows 'last exit code = 0'
  [ "$(cat out)" = $'before\n8192' ]
  [ "$(cat err)" = oops ]
  [ "$(stat -c '%u %a' err)" = '70 644' ]
}

@test "what cannot be started ends with EX_CONFIG" {
  for keys in "$(key UserName '<string>nobody-of-that-name</string>')" "$(key Program '<string>/no/such</string>')" \
    "$(key WorkingDirectory '<string>/no/such</string>')" "$(key StandardErrorPath '<string>/no/such/file</string>')"; do
    plist 'exit 0' "$keys $(key RunAtLoad '<true/>')"
    load_job
    eventually 5 shows 'last exit code = 78: EX_CONFIG'
    mac launchctl bootout "system/$label"
  done
  # The user may not write where root may.
  plist 'exit 0' "$(key UserName '<string>_www</string>') $(key RunAtLoad '<true/>')
    $(key StandardErrorPath '<string>/var/log/mine</string>')"
  load_job
  eventually 5 shows 'last exit code = 78: EX_CONFIG'
}

@test "kept alive always, after failure, after success" {
  plist "echo . >>'$there/runs'; exit 3" "$(key ThrottleInterval '<integer>0</integer>')
    $(key KeepAlive '<dict><key>SuccessfulExit</key><false/></dict>')"
  load_job
  eventually 5 eval '[ "$(wc -l <runs)" -ge 3 ]'
  mac launchctl bootout "system/$label"
  rm runs
  plist "echo . >>'$there/runs'" "$(key ThrottleInterval '<integer>0</integer>')
    $(key KeepAlive '<dict><key>SuccessfulExit</key><false/></dict>')"
  load_job
  eventually 5 shows 'last exit code = 0'
  shows 'runs = 1'
  shows 'state = not running'
  mac launchctl bootout "system/$label"
  plist "echo . >>'$there/runs'" "$(key ThrottleInterval '<integer>0</integer>') $(key KeepAlive '<true/>')"
  load_job
  eventually 5 eval '[ "$(wc -l <runs)" -ge 3 ]'
}

@test "a job that ends too soon is not started again before its ten seconds are over" {
  plist "echo . >>'$there/runs'" "$(key KeepAlive '<true/>')"
  load_job
  eventually 5 shows 'state = spawn scheduled'
  shows 'minimum runtime = 10'
  logs 'service only ran for a short time; starts in '
  mac launchctl bootout "system/$label"
  [ "$(wc -l <runs)" = 1 ]
}

@test "one that is killed by a signal has no exit code" {
  plist 'kill -9 $$' "$(key RunAtLoad '<true/>')"
  load_job
  eventually 5 shows 'last exit code = terminated by signal 9'
}

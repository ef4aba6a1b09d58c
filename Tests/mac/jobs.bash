# Jobs for the tests of launchd: `load rig`, then `load jobs`. All tests of a file share one Mac, so that each has a label and
# a port of its own, and a folder, $there on the Mac, that its job may write to.
# shellcheck shell=bash disable=SC2154 # bats and rig.bash set what is used here

setup() {
  label=test.$BATS_TEST_NUMBER
  port=$((31000 + BATS_TEST_NUMBER))
  file=/Library/LaunchDaemons/$label.plist
  there=/Users/Shared/$label
  mkdir -m 777 "$MAC/root$there"
  cd "$MAC/root$there" || return
}

setup_file() {
  mac_setup none
}

teardown() {
  if [ -z "${BATS_TEST_COMPLETED-}" ]; then
    grep "$label" "$MAC/log" | tail -n 40
    mac launchctl print "system/$label"
  fi
  mac launchctl bootout "system/$label" 2>/dev/null || true
}

teardown_file() {
  mac_teardown
}

# plist SCRIPT [XML]: the job runs the script by /bin/sh, and has those keys besides.
plist() {
  cat >"$MAC/root$file" <<END
<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key><string>$label</string>
  <key>ProgramArguments</key><array><string>/bin/sh</string><string>-c</string><string><![CDATA[$1]]></string></array>
  ${2-}
</dict>
</plist>
END
}

# sockets [wait | nowait]: keys for a socket on 127.0.0.1:$port.
sockets() {
  local wait=true
  if [ "${1-}" = nowait ]; then wait=false; fi
  cat <<END
  <key>Sockets</key><dict><key>Listener</key><dict>
    <key>SockNodeName</key><string>127.0.0.1</string><key>SockFamily</key><string>IPv4</string>
    <key>SockServiceName</key><string>$port</string>
  </dict></dict>
  <key>inetdCompatibility</key><dict><key>Wait</key><$wait/></dict>
END
}

# serves COUNT: a program that accepts that many clients at descriptor 0, tells each its process ID, and ends.
serves() {
  cat <<END
exec /.linux/usr/bin/python3 -BSE -c '
import os, socket
listener = socket.socket(fileno=0)
for _ in range($1):
    client, _ = listener.accept()
    client.sendall(b"%d\n" % os.getpid())
    client.close()
'
END
}

# call: connects, and prints what is answered.
call() {
  mac bash -c "exec 9<>/dev/tcp/127.0.0.1/$port && cat <&9"
}

load_job() {
  mac launchctl bootstrap system "$file"
}

# shows TEXT: launchctl prints a line of the job's that begins so.
shows() {
  mac launchctl print "system/$label" | grep -q "^	*$1"
}

pid_of_job() {
  mac launchctl print "system/$label" | sed -n 's/^	*pid = //p'
}

# logs TEXT: launchd has said so of the job.
logs() {
  grep -F "$label: " "$MAC/log" | grep -qF "$1"
}

#!/usr/bin/env bats
# The job under the real launchd, with a machine that has no guest: Tests/standins/vfkit. Needs macOS and root;
# scripts/ci/mac-bats --root runs it.

load ../cli/helpers

label=org.nixos.virbyd.test

setup() {
  [ "$(uname)" = Darwin ] || skip 'needs macOS'
  [ "$(id -u)" = 0 ] || skip 'needs root'
  own_folder
  # A folder that the job may enter, whoever made those above it.
  home=/var/lib/virby-test.$$
  mkdir -p "$home/bin"
  ln -s "$VIRBY_BIN"/virby-* "$REPO/Tests/standins/vfkit" "$home/bin/"
  port=$(python3 -c 'import socket; print(socket.create_server(("127.0.0.1", 0)).getsockname()[1])')
  image
  write_settings
  write_job
}

teardown() {
  if [ -z "${home-}" ]; then return; fi
  launchctl bootout "system/$label" 2>/dev/null || true
  eventually 60 forgotten
  if [ -z "${BATS_TEST_COMPLETED-}" ]; then tail -n 50 "$home/builder/log/virbyd.log" "$home"/said 2>/dev/null; fi
  rm -rf "$home"
}

image() {
  truncate -s 16M "$home/image"
  sgdisk -o -n 1:2048:0 -c 1:root "$home/image" >/dev/null
}

write_settings() {
  printf '%s\n' "VIRBY_DIR=$home/builder" "VIRBY_PORT=$port" "VIRBY_IMAGE=$home/image" VIRBY_DISK_SIZE=32MiB \
    "VIRBY_BIN=$home/bin" VIRBY_DRIVER=vfkit VIRBY_STOP_TIMEOUT=20s VIRBY_DEBUG=yes >"$home/conf"
  chmod 644 "$home/conf"
}

# write_job: the job's file, as the installer makes it.
write_job() {
  sed -e "s|@LABEL@|$label|" -e "s|@LIBEXEC@|$REPO/scripts|" -e "s|@SETTINGS@|$home/conf|" -e 's|@USER@|root|' \
    -e 's|@GROUP@|wheel|' -e "s|@DIR@|$home|" -e "s|@PORT@|$port|" -e 's|@EXIT_TIMEOUT@|60|' -e 's|@ALWAYS_ON@|false|' \
    "$REPO/templates/launchd.plist" >"$home/job.plist"
  chmod 644 "$home/job.plist"
}

forgotten() {
  run launchctl print "system/$label"
  [ "$status" = 113 ]
}

# state WORD: launchd says so of the job.
state() {
  launchctl print "system/$label" >"$home/said" && grep -q "state = $1\$" "$home/said"
}

# tells TEXT: virbyd's log does.
tells() {
  occurs "$1" "$home/builder/log/virbyd.log"
}

@test "the job's file is a property list with no key left open" {
  plutil -lint -s "$home/job.plist"
  run ! grep @ "$home/job.plist"
}

@test "bootstrap: the port is open and nothing runs; once more is an error; bootout: nothing is left" {
  launchctl bootstrap system "$home/job.plist"
  state 'not running'
  lsof -nP -iTCP:"$port" -sTCP:LISTEN | grep -q "127.0.0.1:$port"
  [ ! -e "$home/builder" ]
  run -5 launchctl bootstrap system "$home/job.plist"
  launchctl bootout "system/$label"
  eventually 20 forgotten
  run ! lsof -nP -iTCP:"$port" -sTCP:LISTEN
}

@test "a client starts it, with the socket in the job's own three descriptors; bootout powers the machine off" {
  launchctl bootstrap system "$home/job.plist"
  exec 9<>"/dev/tcp/127.0.0.1/$port"
  eventually 30 tells ' running mac='
  state running
  pid=$(sed -n 's/^\tpid = \([0-9]*\)$/\1/p' "$home/said")
  # All of it belongs to the job.
  [[ $(ps -o command= -p "$pid") == *virbyd* ]]
  pgrep -qf "$home/builder/disk.img"
  launchctl bootout "system/$label" || true
  eventually 60 forgotten
  tells ' stopping why=signal'
  tells ' stopped how=asked status=0'
  run ! pgrep -f "$home/builder/disk.img"
  exec 9>&-
}

@test "what launchd gives a job: the soft limit that was asked for, no login's PATH, a standard HOME or none" {
  sed -i '' -e "s|$REPO/scripts/virbyd|$home/tell|" "$home/job.plist"
  printf '%s\n' '#!/bin/sh' "{ ulimit -n; ulimit -Hn; echo \"\$PATH\"; echo \"\${HOME-none} \${SHELL-none}\"; umask; \
ls -l /dev/fd/0 /dev/fd/1 /dev/fd/2; } >$home/told 2>&1" >"$home/tell"
  chmod 755 "$home/tell"
  launchctl bootstrap system "$home/job.plist"
  exec 9<>"/dev/tcp/127.0.0.1/$port"
  eventually 30 test -s "$home/told"
  exec 9>&-
  cat "$home/told"
  sed -n 1p "$home/told" | grep -qx 8192
  sed -n 3p "$home/told" | grep -qx /usr/bin:/bin:/usr/sbin:/sbin
  sed -n 5p "$home/told" | grep -qx 0077
}

@test "a job that leaves its client in the backlog is started again, not sooner than every ten seconds" {
  sed -i '' -e "s|$REPO/scripts/virbyd|$home/leave|" "$home/job.plist"
  printf '%s\n' '#!/bin/sh' "date +%s >>$home/starts" >"$home/leave"
  chmod 755 "$home/leave"
  launchctl bootstrap system "$home/job.plist"
  exec 9<>"/dev/tcp/127.0.0.1/$port"
  eventually 60 eval '[ "$(grep -c . "$home/starts")" -ge 3 ]'
  exec 9>&-
  awk 'NR > 1 && $1 - last < 9 { exit 1 } { last = $1 }' "$home/starts"
}

#!/usr/bin/env bats
# The stand-in for launchctl: its words, errors and statuses.

load ../cli/helpers
load rig
load jobs

sleeper() {
  plist 'exec sleep 600' "${1-}"
  load_job
}

@test "bootstrap and bootout, once each" {
  sleeper
  run --separate-stderr -5 load_job
  [ "$stderr" = 'Bootstrap failed: 5: Input/output error' ]
  run -0 mac launchctl bootout "system/$label"
  run --separate-stderr -3 mac launchctl bootout "system/$label"
  [ "$stderr" = 'Boot-out failed: 3: No such process' ]
  run -5 mac launchctl bootout system "$file"
  [ "$output" = 'Boot-out failed: 5: Input/output error' ]
  load_job
  run -0 mac launchctl bootout system "$file"
  run -113 mac launchctl print "system/$label"
  [ "$output" = "Bad request.
Could not find service \"$label\" in domain for system" ]
}

@test "kickstart starts what nobody has asked for, and -k starts it anew" {
  sleeper '<key>ThrottleInterval</key><integer>0</integer>'
  shows 'state = not running'
  run -0 mac launchctl kickstart -p "system/$label"
  first=$output
  [ "$first" = "$(pid_of_job)" ]
  run -0 mac launchctl kickstart "system/$label"
  [ "$(pid_of_job)" = "$first" ]
  run -0 mac launchctl kickstart -kp "system/$label"
  [ "$output" != "$first" ]
  [ "$output" = "$(pid_of_job)" ]
  [ "$(mac launchctl blame "system/$label")" = kickstart ]
  run -113 mac launchctl kickstart system/no.such.job
}

@test "kill sends a signal" {
  plist "trap 'touch $there/usr1' USR1; touch $there/up; while :; do sleep 0.1; done"
  load_job
  run -3 mac launchctl kill TERM "system/$label"
  [ "$output" = 'No process to signal.' ]
  mac launchctl kickstart "system/$label"
  eventually 5 [ -e up ]
  mac launchctl kill SIGUSR1 "system/$label"
  eventually 5 [ -e usr1 ]
  mac launchctl kill 9 "system/$label"
  eventually 5 shows 'last exit code = terminated by signal 9'
  run -113 mac launchctl kill TERM system/no.such.job
  run -64 mac launchctl kill NONSENSE "system/$label"
}

@test "what is disabled is not loaded, until it is enabled" {
  plist 'exit'
  mac launchctl disable "system/$label"
  mac launchctl print-disabled system | grep -qF "\"$label\" => disabled"
  run -119 load_job
  [ "$output" = 'Bootstrap failed: 119: Service is disabled' ]
  mac launchctl enable "system/$label"
  run -0 load_job
}

@test "load -w and unload, which tell of a failure and end with 0" {
  plist 'exit' '<key>Disabled</key><true/>'
  run -0 mac launchctl load "$file"
  [ "$output" = "$file: service is disabled" ]
  run -0 mac launchctl load -w "$file"
  [ "$output" = '' ]
  run -0 mac launchctl load -w "$file"
  [ "$output" = 'Load failed: 5: Input/output error
Try running `launchctl bootstrap` as root for richer errors.' ]
  run -0 mac launchctl unload "$file"
  [ "$output" = '' ]
  run -0 mac launchctl unload "$file"
  [ "$output" = 'Unload failed: 5: Input/output error
Try running `launchctl bootout` as root for richer errors.' ]
}

@test "list has every job, and one" {
  sleeper '<key>RunAtLoad</key><true/>'
  mac launchctl list | grep -q "^$(pid_of_job)	0	$label\$"
  mac launchctl list "$label" | grep -q "\"PID\" = $(pid_of_job);"
  run -113 mac launchctl list no.such.job
}

@test "there is no domain but the system's, and no change without being root" {
  sleeper
  run -125 mac launchctl bootstrap gui/501 "$file"
  [ "$output" = 'Bootstrap failed: 125: Domain does not support specified action' ]
  run -125 mac launchctl print "gui/501/$label"
  run -0 mac_as admin launchctl print "system/$label"
  run -1 mac_as admin launchctl bootout "system/$label"
  [ "${lines[0]}" = 'Boot-out failed: 1: Operation not permitted' ]
  run -5 mac_as admin launchctl bootstrap system "$file"
  [ "${lines[1]}" = 'Try re-running the command as root for richer errors.' ]
}

@test "what is not a word of launchctl's" {
  run -64 mac launchctl
  run -64 mac launchctl reload
  run -64 mac launchctl bootstrap "$file"
  run -64 mac launchctl print "$label"
  [ "$output" = 'Unrecognized target specifier.' ]
}

@test "a Mac that starts loads every job; one that shuts down stops them; one whose power is cut does not" {
  mac_setup none
  plist "trap 'echo ended >>$there/tells; exit' TERM; echo began >>$there/tells; while :; do sleep 0.1; done" \
    '<key>RunAtLoad</key><true/>'
  mkdir -m 777 "$MAC/root$there"
  tells=$MAC/root$there/tells
  mac_reboot
  eventually 5 [ -e "$tells" ]
  touch "$MAC/root/private/tmp/left"
  mac_reboot
  eventually 5 eval '[ "$(cat "$tells")" = "began
ended
began" ]'
  [ ! -e "$MAC/root/private/tmp/left" ]
  mac_reboot cut
  eventually 5 eval '[ "$(cat "$tells")" = "began
ended
began
began" ]'
  mac_teardown
}

# One stage of the pipeline in the background: `load helpers`, then `load stage`.
#
# STAGE is its process, descriptor 8 its standard input; its events go to the file 'events', what it says to
# 'errors'. Whatever is in PIDS is killed when the test is over.
# shellcheck shell=bash

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

# stage COMMAND ARGUMENT...
stage() {
  rm -f in events
  mkfifo in
  "$@" <in >events 2>errors 3>&- &
  STAGE=$!
  PIDS+=("$STAGE")
  exec 8>in
}

# ended_with PID STATUS: the process has ended with that status.
ended_with() {
  local status=0
  eventually 10 ended "$1"
  wait "$1" || status=$?
  [ "$status" -eq "$2" ]
}

# The process has ended, though nobody may have waited for it yet.
ended() {
  case $(ps -o stat= -p "$1") in '' | Z*) ;; *) return 1 ;; esac
}

# at_rest PID: the process uses no time and is not woken up for a second.
at_rest() {
  [ -e "/proc/$1/status" ] || skip 'needs /proc'
  local before
  before=$(grep ctxt_switches "/proc/$1/status")
  sleep 1
  [ "$before" = "$(grep ctxt_switches "/proc/$1/status")" ]
}

# same FILE: the file is what stands on standard input.
same() {
  diff "$1" -
}

# For the tests of the Mac's commands, which share one Mac in each file: `load rig`, then `load session`. A test begins in a
# folder of its own, $there on the Mac.
# shellcheck shell=bash disable=SC2154 # bats and rig.bash set what is used here

setup_file() {
  mac_setup
}

teardown_file() {
  mac_teardown
}

setup() {
  there=/Users/Shared/$BATS_TEST_NUMBER
  mkdir -m 777 "$MAC/root$there"
  cd "$MAC/root$there" || return
}

# says TEXT COMMAND...: that is all it prints, and it ends with 0.
says() {
  local wanted=$1
  shift
  run -0 mac "$@"
  [ "$output" = "$wanted" ] || {
    printf '%s: %s\n' "$*" "$output" >&2
    return 1
  }
}

# refuses STATUS MESSAGE COMMAND...: that is how its complaint begins, and a usage may follow.
refuses() {
  local wanted=$2
  run --separate-stderr "-$1" mac "${@:3}"
  [ "$output" = '' ]
  case $stderr in
    "$wanted"*) ;;
    *) echo "${*:3}: $stderr" >&2 && return 1 ;;
  esac
}

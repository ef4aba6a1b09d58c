# What every black box test begins with: `load helpers`.
#
# VIRBY_BIN is the folder of the commands under test; by default the debug build of this checkout.
# Each test starts in its own folder, where `run --separate-stderr` leaves files of its own (bats 1.8).
# A file that needs more defines its own `setup` after `load` and begins it with `own_folder`.
# shellcheck shell=bash

bats_require_minimum_version 1.5.0

REPO=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
VIRBY_BIN=$(cd "${VIRBY_BIN:-$REPO/.build/debug}" && pwd)
PATH=$VIRBY_BIN:$PATH
# A builder that is installed on this machine is none of a test's business.
VIRBY_SETTINGS=
export REPO VIRBY_BIN PATH VIRBY_SETTINGS

own_folder() {
  cd "$BATS_TEST_TMPDIR" || return
}

setup() {
  own_folder
}

# eventually SECONDS COMMAND...
# Waits until the command succeeds, looking every 50 ms; fails, naming it, if it never does. The seconds are what it may
# take on a quiet machine. A busy one is not the command's fault, so it gets six times as many, and never under a minute.
eventually() {
  local deadline=$((SECONDS + ($1 < 10 ? 60 : 6 * $1)))
  shift
  until "$@"; do
    if ((SECONDS > deadline)); then
      echo "never happened: $*" >&2
      return 1
    fi
    sleep 0.05
  done
}

# occurs TEXT FILE: the text stands in the file; for `eventually`, which starts before there is one.
occurs() {
  [ -e "$2" ] && grep -qF -e "$1" -- "$2"
}

# locked FILE: some process has it locked. Only a look: a lock tried for would be in the way of whoever wants it next.
locked() {
  grep -q ":$(stat -c %i "$1") " /proc/locks
}

# for_everyone: for tests that become somebody else. The commands and scripts are where everyone may go, whoever may
# enter the checkout; so is the test's own folder.
for_everyone() {
  local open=$BATS_TEST_TMPDIR/open folder=$BATS_TEST_TMPDIR
  mkdir "$open" "$open/bin"
  for command in "$VIRBY_BIN"/virby-*; do
    if [ -f "$command" ] && [ -x "$command" ]; then cp "$command" "$open/bin"; fi
  done
  cp -R "$REPO/scripts" "$REPO/templates" "$open"
  while [ "$folder" != "${BATS_RUN_TMPDIR%/*}" ]; do
    chmod go+x "$folder"
    folder=${folder%/*}
  done
  VIRBY_BIN=$open/bin
  PATH=$VIRBY_BIN:$open/scripts:$PATH
}

# gone PID: there is no such process.
gone() {
  ! kill -0 "$1" 2>/dev/null
}

# linux_only WHY: in a test, or in the setup of a file.
linux_only() {
  if [ "$(uname)" != Linux ]; then skip "$1"; fi
}

if [ "$(uname)" = Darwin ]; then . "$REPO/Tests/cli/darwin.bash"; fi

# driver_words OPTION...: the argument vector that virby-boot would run a machine with, a word a line.
driver_words() {
  local script
  script=$(virby-boot --print "$@") || return
  sed '1,/^exec /{ /^exec /!d; s/^exec //; }; s/^  //; s/ \\$//' <<<"$script"
}

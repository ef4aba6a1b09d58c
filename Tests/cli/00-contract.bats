#!/usr/bin/env bats
# What all six commands have in common: the promises of virby(7). Each test is one rule and goes
# through every command; the one that breaks it is the last that the output names.

load helpers

COMMANDS=(virby-image virby-keys virby-lease virby-boot virby-forward virby-idle)

# Event commands that run without a virtual machine. virby-boot needs one: virby-boot.bats.
FILTERS=(virby-lease virby-forward virby-idle)

# Sets `call` to a call of that filter that lasts, but no longer than any test should.
lasting() {
  call=(perl -e 'alarm 60; exec @ARGV or die' "$1")
  case $1 in
    virby-lease) ;;
    virby-forward) call+=(-l 127.0.0.1:0) ;;
    virby-idle) call+=(-t 1h) ;;
  esac
}

# The status of a filter whose input ends before anything has come: the lease filter has nothing more
# to do, the forwarder will never know a guest, and idleness was never reached.
status_at_end_of_input() {
  case $1 in
    virby-lease) echo 0 ;;
    virby-forward) echo 69 ;;
    virby-idle) echo 1 ;;
  esac
}

# Calls that lack what they need: a subcommand, an operand, or an option.
INCOMPLETE=(
  'virby-image'
  'virby-image create'
  'virby-image create base'
  'virby-image grow'
  'virby-image grow -s 1G'
  'virby-image grow disk'
  'virby-image trim'
  'virby-image inspect'
  'virby-image holder'
  'virby-keys'
  'virby-keys ensure'
  'virby-keys check'
  'virby-keys rotate'
  'virby-boot'
  'virby-forward'
  'virby-idle'
)

# Calls that are complete, but for the options that a test adds to their end.
COMPLETE=(
  'virby-image create base disk'
  'virby-image grow -s 1G disk'
  'virby-image trim disk'
  'virby-image inspect disk'
  'virby-image holder disk'
  'virby-keys ensure dir'
  'virby-keys check dir'
  'virby-keys rotate dir'
  'virby-keys public file'
  'virby-keys fingerprint file'
  'virby-keys known-hosts -a alias file'
  'virby-keys machines-key file'
  'virby-lease'
  'virby-lease 02:00:00:00:00:01'
  'virby-boot disk'
  'virby-forward -l 127.0.0.1:0'
  'virby-idle -t 1h'
)

# The last `run` was refused as wrong usage: one line that says why, one that says where to look.
refused() {
  [ "$status" -eq 64 ]
  [ -z "$output" ]
  [ "${#stderr_lines[@]}" -eq 2 ]
  [[ ${stderr_lines[0]} == "$1: "[a-z\'0-9]* ]]
  [[ ${stderr_lines[0]} != *. ]]
  [[ ${stderr_lines[1]} == "$1: hint: "* ]]
}

# Starts a filter in the background, its input a pipe that fd 7 holds open, and waits until a line has
# come through, when it is ready for signals. `filter` is its process; its output is in out and err,
# or in the pipe `through` if there is one, which fd 8 reads.
start() {
  local line target=out
  rm -f in out err
  mkfifo in
  exec 7<>in
  if [ -p through ]; then
    exec 8<>through
    target=through
  fi
  "${call[@]}" <in >"$target" 2>err 3>&- 7>&- 8>&- &
  filter=$!
  printf 'greeting words=two%%20words\n' >&7
  if [ "$target" = out ]; then
    eventually 10 occurs 'greeting words=two%20words' out
  else
    until [ "$line" = 'greeting words=two%20words' ]; do read -r -t 10 -u 8 line; done
  fi
}

# Waits for the end of the filter and sets `status`.
finish() {
  eventually 10 gone_or_zombie "$filter"
  status=0
  wait "$filter" || status=$?
  filter=
  exec 7>&-
}

gone_or_zombie() {
  local state
  state=$(ps -o stat= -p "$1") || return 0
  [[ $state == Z* ]]
}

teardown() {
  if [ -n "${filter:-}" ]; then kill -KILL "$filter"; fi
}

@test "--help and -h print the same on stdout" {
  for command in "${COMMANDS[@]}"; do
    echo "$command"
    run --separate-stderr -0 "$command" --help
    [ -z "$stderr" ]
    [[ ${lines[0]} == "OVERVIEW: "[A-Z]* ]]
    [[ $output == *"USAGE: $command"* ]]
    [[ $output != *TODO* ]]
    long=$output
    run --separate-stderr -0 "$command" -h
    [ -z "$stderr" ]
    [ "$output" = "$long" ]
  done
}

@test "--version prints the bare number first, and the same for all; a release names its commit below" {
  version=$(sed -n 's/^public let version = "\(.*\)"$/\1/p' "$REPO/Sources/VirbyKit/Command/Version.swift")
  [[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+$ ]]
  said=$(virby-image --version)
  form="^${version//./[.]}("$'\n'"commit [0-9a-f]{12})?\$"
  [[ $said =~ $form ]]
  for command in "${COMMANDS[@]}"; do
    echo "$command"
    run --separate-stderr -0 "$command" --version
    [ "$output" = "$said" ]
    [ -z "$stderr" ]
  done
}

# The names of a command's subcommands.
subcommands() {
  "$1" --help | sed -n '/^SUBCOMMANDS:/,$s/^  \([a-z-][a-z-]*\) .*/\1/p'
}

@test "the list of complete calls has every subcommand" {
  for command in "${COMMANDS[@]}"; do
    subcommands "$command" | sed "s/^/$command /"
  done | sort >exist
  printf '%s\n' "${COMPLETE[@]}" | cut -d' ' -f1,2 | grep -E '^virby-(image|keys) ' | sort >listed
  diff exist listed
}

@test "an unknown option is wrong usage, and nothing is done" {
  for words in "${COMPLETE[@]}"; do
    read -r -a call <<<"$words"
    for option in --nope --entirely-different; do
      echo "${call[*]} $option"
      run --separate-stderr "${call[@]}" "$option" </dev/null
      refused "${call[0]}"
      [ "${stderr_lines[0]}" = "${call[0]}: unknown option '$option'" ]
      [ ! -e disk ]
      [ ! -e dir ]
    done
    help=${call[0]}
    case $help in virby-image | virby-keys) help+=" ${call[1]}" ;; esac
    [ "${stderr_lines[1]}" = "${call[0]}: hint: see '$help --help'" ]
  done
}

@test "a missing operand, subcommand or option is wrong usage" {
  for words in "${INCOMPLETE[@]}"; do
    read -r -a call <<<"$words"
    echo "${call[*]}"
    run --separate-stderr "${call[@]}" </dev/null
    refused "${call[0]}"
  done
}

@test "an operand too many is wrong usage" {
  for words in "${COMPLETE[@]}"; do
    read -r -a call <<<"$words"
    [ "${call[*]}" != virby-lease ] || continue
    echo "${call[*]} one two"
    run --separate-stderr "${call[@]}" one two </dev/null
    refused "${call[0]}"
  done
}

@test "-v and -q cannot be used together" {
  for words in "${COMPLETE[@]}"; do
    read -r -a call <<<"$words"
    for both in '-v -q' '-q -v' '-vq' '--verbose --quiet'; do
      echo "${call[*]} $both"
      # shellcheck disable=SC2086
      run --separate-stderr "${call[@]}" $both </dev/null
      refused "${call[0]}"
      [ "${stderr_lines[0]}" = "${call[0]}: '--verbose' and '--quiet' cannot be used together" ]
    done
  done
}

@test "a control character in an argument does nothing to the terminal" {
  for words in "${COMPLETE[@]}"; do
    read -r -a call <<<"$words"
    echo "${call[*]}"
    run --separate-stderr -64 "${call[@]}" $'--entirely\e[2Jdifferent\r' </dev/null
    [ "${stderr_lines[0]}" = "${call[0]}: unknown option '--entirely\\u{1B}[2Jdifferent\\r'" ]
  done
}

@test "an answer that stdout does not take is status 71" {
  virby-keys ensure keys >/dev/null
  echo '4102444800 02:00:00:00:00:01 192.168.64.3 * *' >leases
  answers=(
    'virby-keys ensure keys'
    'virby-keys public keys/ssh_user_ed25519_key'
    'virby-keys fingerprint keys/ssh_user_ed25519_key'
    'virby-lease -f leases 02:00:00:00:00:01'
  )
  for command in "${COMMANDS[@]}"; do
    answers+=("$command --help" "$command --version")
  done
  for words in "${answers[@]}"; do
    read -r -a call <<<"$words"
    echo "${call[*]}"
    run --separate-stderr -0 "${call[@]}"
    [ -n "$output" ]
    run --separate-stderr -71 closed_stdout "${call[@]}"
    [ "$stderr" = "${call[0]}: cannot write to stdout: Bad file descriptor" ]
    [ -c /dev/full ] || continue
    run --separate-stderr -71 full_stdout "${call[@]}"
    [ "$stderr" = "${call[0]}: cannot write to stdout: No space left on device" ]
  done
}

closed_stdout() { "$@" >&-; }
full_stdout() { "$@" >/dev/full; }
closed_stderr() { "$@" 2>&-; }
# Without `perl` before it, which would put something in the place of stdin.
closed_stdin() { "$@" <&-; }

@test "a closed stderr changes no status" {
  for command in "${COMMANDS[@]}"; do
    echo "$command"
    run -64 closed_stderr "$command" --nope
    [ -z "$output" ]
    run -0 closed_stderr "$command" --version
  done
}

@test "an answer to a reader that is gone ends by SIGPIPE or status 71, and says no more than that" {
  for command in "${COMMANDS[@]}"; do
    echo "$command"
    set +o pipefail
    { "$command" --help 2>err || echo $? >status; } | true
    if [ -e status ]; then [[ $(<status) =~ ^(141|71)$ ]]; fi
  done
}

@test "a filter passes on what it does not know byte for byte, and ends with its input" {
  for command in "${FILTERS[@]}"; do
    echo "$command"
    lasting "$command"
    {
      printf 'x\nrebooted why=%%41%%0a%%0A empty= equals=a=b\nbusy unknown-key=1\n'
      printf 'x a=%0507d\n' 0
      printf 'last line=without-feed'
    } >given
    # The forwarder's own line stands before those that it passes on.
    status=0
    "${call[@]}" <given >out 2>err || status=$?
    [ "$status" -eq "$(status_at_end_of_input "$command")" ]
    echo >>given
    grep -v '^listening at=tcp:127.0.0.1:' out | cmp - given
  done
}

@test "a filter with nothing on stdin ends" {
  for command in "${FILTERS[@]}"; do
    echo "$command"
    lasting "$command"
    run --separate-stderr "-$(status_at_end_of_input "$command")" "${call[@]}" </dev/null
    run --separate-stderr -71 closed_stdin "${call[@]:3}"
    [ "$stderr" = "$command: cannot read events from stdin: Bad file descriptor" ]
  done
}

@test "a filter refuses a malformed line with its number" {
  for command in "${FILTERS[@]}"; do
    lasting "$command"
    while read -r line why; do
      echo "$command: $line"
      printf 'x\n%b\nx\n' "$line" >given
      run --separate-stderr -65 "${call[@]}" <given
      [ "$stderr" = "$command: line 2: $why" ]
      [ "$(grep -v '^listening ' <<<"$output")" = x ]
    done <<'LINES'
Open does not start with a verb
x\040 has a word that is not 'key=value'
x\040a has a word that is not 'key=value'
x\040a=% has a wrongly encoded value for 'a'
x\040a=\0033[2J has a wrongly encoded value for 'a'
x\040a=%ff has a wrongly encoded value for 'a'
running 'running' without 'mac'
open\040id=1 'open' without 'active'
LINES
    echo "$command: a long line"
    printf 'x\nx a=%0508d\n' 0 >given
    run --separate-stderr -65 "${call[@]}" <given
    [ "$stderr" = "$command: line 2: longer than 512 bytes" ]
  done
}

@test "TERM and HUP stop a filter cleanly" {
  for command in "${FILTERS[@]}"; do
    for signal in TERM HUP; do
      echo "$command $signal"
      lasting "$command"
      start
      kill -"$signal" "$filter"
      finish
      [ "$status" -eq 0 ]
      [ ! -s err ]
    done
  done
}

@test "INT stops a filter, which then ends by INT" {
  for command in "${FILTERS[@]}"; do
    echo "$command"
    lasting "$command"
    start
    kill -INT "$filter"
    finish
    [ "$status" -eq 130 ]
    [ ! -s err ]
  done
}

@test "a filter ends when nobody reads its output any more" {
  mkfifo through
  for command in "${FILTERS[@]}"; do
    echo "$command"
    lasting "$command"
    start
    kill -0 "$filter"
    exec 8>&-
    finish
    [ "$status" -eq 0 ]
    [ ! -s err ]
  done
}

@test "a filter cannot tell events to a closed or full stdout" {
  for command in "${FILTERS[@]}"; do
    echo "$command"
    lasting "$command"
    echo x >given
    run --separate-stderr -71 closed_stdout "${call[@]}" <given
    [ "$stderr" = "$command: cannot write events to stdout: Bad file descriptor" ]
    [ -c /dev/full ] || continue
    run --separate-stderr -71 full_stdout "${call[@]}" <given
    [ "$stderr" = "$command: cannot write events to stdout: No space left on device" ]
  done
}

# The options of a command and its subcommands, as --help lists them.
options_in_help() {
  local subcommand
  "$1" --help
  for subcommand in $(subcommands "$1"); do
    "$1" "$subcommand" --help
  done
}

@test "every option in --help is in the manual page, and back" {
  for command in "${COMMANDS[@]}"; do
    echo "$command"
    page=$REPO/man/$command.1
    options_in_help "$command" | sed -n 's/^  \(-[^ ].*\)/\1/p' | sed 's/   .*//' |
      grep -oE -e '(^|[ ,/])--?[a-zA-Z][a-z-]*' | tr -d ' ,/' | sort -u >help
    # `Fl s , Fl Fl size`, `Fl s , Fl -size` and `Fl s , -size` are three spellings of the same.
    grep -E '^\.It Fl' "$page" | sed -e 's/^\.It //' -e 's/Fl Fl /Fl -/g' -e 's/ , Fl / , /g' |
      grep -oE -e '(Fl |, )-?[a-zA-Z][a-z-]*' | sed -e 's/^Fl //' -e 's/^, //' -e 's/^/-/' |
      sort -u >listed
    diff help listed
  done
}

@test "every manual page has its sections and no status that is not in virby(7)" {
  sed -n '/^\.Sh EXIT STATUS/,/^\.Sh EXAMPLES/s/^\.It \([0-9]*\)$/\1/p' "$REPO/man/virby.7" >table
  [ "$(tr '\n' ' ' <table)" = '0 1 64 65 69 70 71 75 ' ]
  for command in "${COMMANDS[@]}"; do
    echo "$command"
    page=$REPO/man/$command.1
    for section in NAME SYNOPSIS DESCRIPTION 'EXIT STATUS' EXAMPLES 'SEE ALSO'; do
      grep -qx "\.Sh $section" "$page"
    done
    grep -qx "\.Nm $command" "$page"
    sed -n '/^\.Sh EXIT STATUS/,/^\.Sh EXAMPLES/s/^\.It //p' "$page" >statuses
    grep -qx 0 statuses
    grep -qx 64 statuses
    sort -n -c statuses
    run grep -vxFf table statuses
    [ -z "$output" ]
  done
}

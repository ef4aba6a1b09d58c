#!/usr/bin/env bats
# What the scripts say to somebody who sits at a terminal, and to nobody else.

load helpers
load scripts

setup() {
  own_folder
  use_bash
  type script >/dev/null || skip 'needs script(1)'
  PATH=$PATH:$REPO/scripts
  export VIRBY_DIR=$PWD/builder TERM=xterm
  unset NO_COLOR
  # Nobody listens there.
  VIRBY_PORT=$(shuf -i 20000-32000 -n 1)
  export VIRBY_PORT
  prepare
}

teardown() {
  if [ -n "${server-}" ]; then kill "$server"; fi
  if [ -n "${boot-}" ]; then kill -KILL "$boot"; fi
}

# typed COMMAND: what it says at a terminal, in `seen`, with a line feed alone at the end of each line.
typed() {
  status=0
  script -qefc "$1" /dev/null </dev/null >typed.seen || status=$?
  seen=$(tr -d '\r' <typed.seen)
}

# took SECONDS: a line for each event of a start that the log has.
took() {
  local at
  at=$(date -d '2026-11-27 09:00:00' +%s)
  mkdir -p builder/log
  printf '%s begin pid=1 listen=fd:3\n%s starting driver=qemu pid=2 mac=02:94:00:0a:01:02\n%s ready at=tcp:127.0.0.1:40022\n%s end status=0 stages=0,0,0,0\n' \
    "$(stamp "$at")" "$(stamp $((at + 1)))" "$(stamp $((at + $1)))" "$(stamp $((at + 100)))" >>builder/log/virbyd.log
}

stamp() {
  date -d "@$1" '+%Y-%m-%d %H:%M:%S'
}

up_and_erase=$'\e[1A\e[2K'

@test "a start: how long it takes, as the last five took" {
  typed 'virby-ssh -q true'
  [ "$seen" = 'virby-ssh: starting the VM…' ]
  took 30
  typed 'virby-ssh -q true'
  [ "$seen" = 'virby-ssh: starting the VM… sshd in about 30 s, as the last starts took' ]
  for seconds in 9 4 100 8 7; do took "$seconds"; done
  # A start that came to nothing does not count.
  echo '2026-11-27 10:00:00 begin pid=1 listen=fd:3' >>builder/log/virbyd.log
  typed 'virby-ssh -q true'
  [ "$seen" = 'virby-ssh: starting the VM… sshd in about 8 s, as the last starts took' ]
  mv builder/log/virbyd.log builder/log/virbyd.log.old
  typed 'virby start'
  [ "$status" = 69 ]
  [ "$seen" = "virby-ssh: starting the VM… sshd in about 8 s, as the last starts took
virby: cannot log in
virby: hint: see 'virby doctor', or 'virby logs -c' for what the guest said" ]
  typed 'virby-rotate'
  [ "$status" = 69 ]
  [ "${seen%%…*}" = 'virby-rotate: logging in with the next keys
virby-rotate: starting the VM' ]
}

@test "by an awk that is not mawk" {
  command -v original-awk >/dev/null || skip 'needs original-awk, which is the awk of macOS'
  mkdir bin
  ln -s "$(type -P original-awk)" bin/awk
  for seconds in 4 100 8; do took "$seconds"; done
  PATH=$PWD/bin:$PATH typed 'virby-ssh -q true'
  [ "$seen" = 'virby-ssh: starting the VM… sshd in about 8 s, as the last starts took' ]
}

@test "where there is no terminal, and while the VM runs, nothing is said of a start" {
  took 8
  run --separate-stderr -255 virby-ssh -q true
  [ "$output$stderr" = "" ]
  exec 8<>builder/disk.img.lock
  flock 8
  typed 'virby-ssh -q true 8>&-'
  exec 8>&-
  [ "$seen" = '' ]
}

@test "a line that says what is waited for is gone when the wait is over; a dumb terminal keeps it" {
  [ "$(id -u)" = 0 ] || skip 'needs root, for an sshd'
  [ -x /usr/sbin/sshd ] || skip 'needs sshd'
  mkdir -p /run/sshd
  /usr/sbin/sshd -D -e -f /dev/null -h "$VIRBY_DIR/keys/ssh_host_ed25519_key" -o "ListenAddress=127.0.0.1:$VIRBY_PORT" \
    -o UsePAM=no -o StrictModes=no -o PidFile=none \
    -o "AuthorizedKeysFile=$VIRBY_DIR/keys/ssh_user_ed25519_key.pub" 2>sshd.log 3>&- &
  server=$!
  eventually 10 occurs 'Server listening' sshd.log
  sed -i 's/User builder/User root/' builder/ssh_config
  typed 'virby-ssh -o LogLevel=ERROR echo hello'
  [ "$status" = 0 ]
  [ "$seen" = "virby-ssh: starting the VM…
${up_and_erase}hello" ]
  TERM=dumb typed 'virby-ssh -o LogLevel=ERROR echo hello'
  [ "$seen" = 'virby-ssh: starting the VM…
hello' ]
}

# boot: a machine that knows its power button has the builder's disk.
boot() {
  virby-boot --accelerator tcg -m 256 --kernel kernel --control "$VIRBY_DIR/run" builder/disk.img >events 2>errors 3>&- &
  boot=$!
  eventually 20 occurs running events
}

# stopped LINE: `virby stop` says that, and takes it away.
stopped() {
  typed 'virby stop'
  wait "$boot"
  boot=
  [ "$status" = 0 ]
  [ "$seen" = "virby-stop: $1
$up_and_erase" ]
}

@test "virby stop: that the guest is powered off, until it is; and that it is not tidied any more" {
  load machine
  make_kernel good
  boot
  stopped 'powering the guest off…'
  boot
  # As in virbyd, a shell has virby-idle run its closing command.
  mkfifo pipe
  exec 7<>pipe
  bash -c '{ virby-idle -t 1s -- sleep 60; :; } <pipe | cat' 3>&- 7>&- &
  virbyd=$!
  mkdir -p builder/log
  printf '%s\n' "$(stamp "$(date +%s)") begin pid=$virbyd listen=fd:3" "$(stamp "$(date +%s)") starting driver=qemu pid=1" >builder/log/virbyd.log
  eventually 10 eval '[ "$(virby-status --json | jq -r .state)" = closing ]'
  stopped 'breaking off what tidies the guest, and powering it off…'
  exec 7>&-
  wait "$virbyd" || true
}

@test "colour for warnings at a terminal that has it, as the commands give it, and nowhere else" {
  export VIRBY_DISK_SIZE=16MiB
  rest="'$VIRBY_DIR/disk.img' keeps its 32 MiB, more than VIRBY_DISK_SIZE, 16MiB"
  typed virby-prepare
  [ "$seen" = $'virby-prepare: \e[33mwarning: \e[m'"$rest" ]
  TERM=dumb typed virby-prepare
  [ "$seen" = "virby-prepare: warning: $rest" ]
  NO_COLOR=1 typed virby-prepare
  [ "$seen" = "virby-prepare: warning: $rest" ]
  NO_COLOR='' typed virby-prepare
  [ "$seen" = $'virby-prepare: \e[33mwarning: \e[m'"$rest" ]
  typed 'env -u TERM virby-prepare'
  [ "$seen" = "virby-prepare: warning: $rest" ]
  run --separate-stderr -0 virby-prepare
  [ "$stderr" = "virby-prepare: warning: $rest" ]
}

#!/usr/bin/env bats
# What the guest says on its console to the host's user.

load helpers
load standins

driver=vfkit

says() {
  # shellcheck disable=SC2059 # its first word is a format
  printf "$@" >>vm/disk.img.log
}

# told LINE...: these were repeated, and nothing else was said.
told() {
  [ "$(cat errors)" = "$(printf 'virby-boot: warning: the guest says: %s\n' "$@")" ]
}

@test "lines that begin with 'virby: ' are repeated once, whole, and as plain characters" {
  start
  eventually 20 occurs running events
  says 'booting\nvirby: first\r\nno virby: this\n virby: nor this\nvirby:nor this\nvirby: \nvirby: sec'
  eventually 20 told first
  says 'ond \e[31m\xe2\x80\xae\t\n\rvirby: third\n'
  eventually 20 told first 'second ?[31m????' third
  says 'virby: %0500d\n' 0
  says 'virby: last words, ended'
  eventually 20 told first 'second ?[31m????' third "$(printf '%0240d' 0)"
  says '\n'
  kill -TERM "$boot"
  ends 0
  told first 'second ?[31m????' third "$(printf '%0240d' 0)" 'last words, ended'
}

@test "at most 32 of them, however many there are" {
  start
  eventually 20 occurs running events
  says 'virby: %d\n' $(seq 100)
  eventually 20 told $(seq 32)
  says 'virby: more\n'
  kill -TERM "$boot"
  ends 0
  told $(seq 32)
}

@test "a guest that talks without end is not read to the end" {
  start
  eventually 20 occurs running events
  head -c 12000000 /dev/zero | tr '\0' x >>vm/disk.img.log
  says '\nvirby: after it\n'
  eventually 20 told 'after it'
  head -c 3000000 /dev/urandom >>vm/disk.img.log
  says '\nvirby: after that\n'
  eventually 20 occurs 'the guest says: after that' errors
  kill -TERM "$boot"
  ends 0
}

@test "-q: not a word" {
  start -q
  eventually 20 occurs running events
  says 'virby: hello\n'
  kill -TERM "$boot"
  ends 0
  [ ! -s errors ]
}

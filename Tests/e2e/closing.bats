#!/usr/bin/env bats
# How a VM that nobody uses ends: not under a build, in order, and with what it had given back.

load builder

# allocated: how many MiB of the host's disk the guest's takes.
allocated() {
  echo $(($(du -k "$VIRBY_DIR/disk.img" | cut -f 1) / 1024))
}

# behind_last_close: the log behind the last connection's end.
behind_last_close() {
  tac "$log" | sed '/^close /q' | tac
}

# garbage: how many of the paths that make_garbage makes are in the guest's store; for the guest's shell.
garbage='ls /nix/store | grep -c garbage'

make_garbage() {
  guest "nix-instantiate --eval --read-write-mode -E \
    'builtins.stringLength (toString (map (n: builtins.toFile \"garbage\" (toString n)) (builtins.genList (n: n) $1)))'"
  [ "$(guest "$garbage")" -eq "$1" ]
}

# aside COMMAND...: as virby-idle's commands are run, which go to the guest without being a client.
aside() {
  VIRBY_GUEST=$(sed -n 's/^ready at=//p' "$log" | tail -n 1) "$@"
}

# sound: what the guest's Nix knows to be in its store is there, as it was built.
sound() {
  [ "$(guest nix-store --verify --check-contents 2>&1)" = 'reading the Nix store...
checking path existence...
checking link hashes...
checking store hashes...' ]
}

@test "garbage is collected, and the host has its disk and memory back" {
  export VIRBY_TTL=4s VIRBY_MIN_FREE=1TiB VIRBY_MAX_FREE=1TiB
  serve
  stay
  before=$(allocated)
  path=$(guest 'head -c 200M /dev/urandom >random && nix-store --add random && rm random && sync')
  full=$(allocated)
  [ "$full" -gt $((before + 190)) ]
  leave
  began=$(now)
  eventually 120 ended 1 0
  occurs 'idle for=' "$log"
  occurs 'stopped how=asked status=0' "$log"
  nothing_left
  clean_disk
  after=$(allocated)
  grep '^virbyd: the guest gave back ' "$log" >report
  figure "disk: $before MiB, with 200 MB of store path $full MiB, after the end $after MiB; ended after $(since "$began")"
  figure "$(cat report)"
  [ "$after" -lt $((full - 180)) ]
  grep -Ex 'virbyd: the guest gave back ([0-9.]+) (MiB|GiB) of disk, ([0-9.]+) (MiB|GiB) of memory' report
  run -1 guest test -e "$path"
}

@test "within its limits the store is kept" {
  export VIRBY_TTL=4s VIRBY_MIN_FREE=10MiB VIRBY_MAX_FREE=20MiB
  serve
  path=$(guest 'echo kept >file && nix-store --add file')
  eventually 120 ended 1 0
  [ "$(guest cat "$path")" = kept ]
}

@test "a build that nobody waits for keeps the guest up, and is finished" {
  export VIRBY_TTL=4s
  serve
  stay
  guest 'cat >hello.nix' <"$REPO/Tests/e2e/hello.nix"
  # shellcheck disable=SC2016 # for the guest
  guest 'setsid nix-build hello.nix --argstr seed detached --argstr seconds 40 -o result >log 2>&1 </dev/null &'
  leave
  began=$(now)
  eventually 120 ended 1 0
  figure "a detached build of 40 s: the VM ended after $(since "$began")"
  busy=$(behind_last_close | grep -cx busy)
  figure "asked and told busy $busy times"
  [ "$busy" -ge 2 ]
  occurs 'idle for=' "$log"
  occurs 'stopped how=asked status=0' "$log"
  guest 'cat result' | grep 'seed detached$'
}

@test "a build that hangs does not keep the guest for ever" {
  export VIRBY_TTL=4s VIRBY_BUSY_LIMIT=6s
  serve
  stay
  guest 'cat >hello.nix' <"$REPO/Tests/e2e/hello.nix"
  # shellcheck disable=SC2016 # for the guest
  guest 'setsid nix-build hello.nix --argstr seed hanging --argstr seconds 9999 >log 2>&1 </dev/null &'
  leave
  began=$(now)
  eventually 120 ended 1 0
  figure "a build that hangs, given 6 s: the VM ended after $(since "$began")"
  behind_last_close >behind
  [ "$(grep -cx busy behind)" -eq 2 ]
  grep -Eq 'nothing has been open for .*; the guest said it was busy for 6s of that, and is no longer asked' behind
  occurs 'stopped how=asked status=0' "$log"
  nothing_left
  clean_disk
}

@test "a client that comes while the guest is put in order cancels that, in the guest too" {
  export VIRBY_TTL=4s VIRBY_CLOSE='exec virby-ssh -tt sleep 987' VIRBY_CLOSE_TIMEOUT=30s
  serve
  booted=$(guest cat /proc/sys/kernel/random/boot_id)
  eventually 60 occurs 'idle for=' "$log"
  # The routine runs, or is about to: the client sees its end.
  guest 'for n in $(seq 6000); do pgrep -fx "sleep 987" >/dev/null || exit 0; sleep 0.1; done; exit 1'
  [ "$(guest cat /proc/sys/kernel/random/boot_id)" = "$booted" ]

  # Nobody comes: a routine that hangs is given up, and the guest ends cleanly.
  began=$(now)
  eventually 120 ended 1 0
  figure "a closing routine that hangs, 30 s allowed: ended after $(since "$began")"
  occurs 'virby-idle: warning: the closing command took longer than 30s and was stopped' "$log"
  occurs 'stopped how=asked status=0' "$log"
  clean_disk
}

@test "a client that comes in the midst of the collection is served, and the next end collects the rest" {
  export VIRBY_TTL=4s VIRBY_MIN_FREE=1TiB VIRBY_MAX_FREE=1TiB
  serve
  make_garbage 2000
  aside guest "until [ \$($garbage) -lt 1900 ]; do :; done; pgrep -x nix-store"
  began=$(now)
  path=$(build midst)
  figure "a build in the midst of the collection: $(since "$began")"
  built "$path" midst
  left=$(guest "! pgrep -x nix-store && $garbage")
  figure "collected until then: $((2000 - left)) of 2000 paths"
  [ "$left" -gt 0 ]
  began=$(now)
  build beside
  figure "another build, with nothing beside it: $(since "$began")"
  sound

  eventually 120 ended 1 0
  [ "$(grep -c '^idle for=' "$log")" -eq 2 ]
  run -1 grep 'virby-idle: warning' "$log"
  occurs 'stopped how=asked status=0' "$log"
  clean_disk
  run -1 guest "$garbage"
  [ "$output" = 0 ]
}

@test "virby-close that is ended, in whatever way, ends the collection in the guest" {
  export VIRBY_MIN_FREE=1TiB VIRBY_MAX_FREE=1TiB
  serve
  make_garbage 2000
  local signal left=2000 before
  for signal in TERM KILL; do
    before=$left
    aside exec virby-close >said 2>&1 3>&- &
    closer=$!
    aside guest "until [ \$($garbage) -lt $((before - 100)) ]; do :; done"
    began=$(now)
    kill "-$signal" "$closer"
    aside guest 'while pgrep -x "nix-store|close"; do :; done'
    left=$(aside guest "$garbage")
    figure "$signal: nothing runs in the guest any more $(since "$began") later; $((before - left)) paths collected"
    [ "$left" -gt 0 ]
    [ ! -s said ]
  done
  sound
}

@test "root can do nothing but close, and takes nothing but numbers" {
  serve
  run --separate-stderr -64 guest -l root 'id; touch /root/x'
  [ "$output" = '' ]
  [[ $stderr == *'close: the limits are numbers of bytes'* ]]
  run --separate-stderr -0 guest -l root
  [ "$output" = '' ]
}

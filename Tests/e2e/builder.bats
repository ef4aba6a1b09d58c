#!/usr/bin/env bats
# The main job and its ends, with real parts only: QEMU, a Debian guest, sshd, Nix, socket activation.

load builder

@test "nix build over ssh-ng through the port, the VM cold, then warm" {
  serve
  began=$(now)
  path=$(build cold)
  figure "cold: nix build done $(since "$began") after connecting"
  built "$path" cold

  began=$(now)
  path=$(build warm)
  figure "warm: nix build done after $(since "$began")"
  built "$path" warm

  began=$(now)
  banner
  figure "warm: SSH banner after $(since "$began")"
  began=$(now)
  guest true
  figure "warm: ssh login done after $(since "$began")"

  run -0 virby-status
  [[ ${lines[0]} == "vm        ready, since "* ]]
  alone() {
    virby-status --json >status && [ "$(jq '.clients | length' status)" = 0 ]
  }
  eventually 10 alone
  [ "$(jq -r '.state, .listening, .clients, .idleIn > 0, (.start | map(.step) | join(" "))' status)" = "ready
true
[]
true
starting running kernel init keys sshd ready" ]
}

@test "idle: powered off cleanly, nothing left; the next connection boots and builds again" {
  VIRBY_TTL=4s
  serve
  stay
  path=$(build first)
  built "$path" first
  first=$(guest cat /proc/sys/kernel/random/boot_id)
  leave

  eventually 60 ended 1 0
  occurs 'idle for=' "$log"
  occurs 'stopping why=hangup' "$log"
  occurs 'stopped how=asked status=0' "$log"
  nothing_left
  clean_disk
  run -1 virby-status
  [ "${lines[0]}" = "vm        down" ]
  [[ ${lines[${#lines[@]} - 1]} == 'stop      '*', asked, idle' ]]

  stay
  path=$(build second)
  built "$path" second
  second=$(guest cat /proc/sys/kernel/random/boot_id)
  leave
  [ "$first" != "$second" ]
}

@test "clients during the cold boot are all served, by one VM" {
  serve
  began=$(now)
  build one >one 3>&- &
  one=$!
  guest cat /proc/sys/kernel/random/boot_id >two 3>&- &
  two=$!
  banner
  figure "cold: SSH banner after $(since "$began")"
  wait "$two"
  wait "$one"
  built "$(cat one)" one
  [ "$(cat two)" = "$(guest cat /proc/sys/kernel/random/boot_id)" ]
  [ "$(grep -c '^starting ' "$log")" = 1 ]
  [ "$(grep -c '^ready ' "$log")" = 1 ]
}

@test "kill -9 of each stage in turn: the others wind down, nothing is left, the next start works" {
  serve
  ends=0
  for stage in virby-boot virby-lease virby-forward virby-idle; do
    guest true
    kill -KILL "$(pid_of "$stage")"
    ends=$((ends + 1))
    eventually 60 ended "$ends" 137
    eventually 15 nothing_left
    figure "$stage killed, all ended"
  done
  built "$(build again)" again
}

@test "kill -9 of virby-boot: the guest powers off cleanly; a client that comes at once starts the next" {
  serve
  # Without sync: a power cut would lose it.
  guest 'echo kept >file'
  began=$(now)
  kill -KILL "$(pid_of virby-boot)"
  eventually 60 ended 1 137
  eventually 10 eval '[ "$(grep -c Listening "$log")" = 2 ]'
  [ "$(guest cat file)" = kept ]
  figure "virby-boot killed: a new guest let the next client in $(since "$began") later"
  [ "$(grep -c '^starting ' "$log")" = 2 ]

  began=$(now)
  kill -KILL "$(pid_of virby-boot)"
  eventually 60 nothing_left
  figure "virby-boot killed: the guest was gone $(since "$began") later"
  clean_disk
  occurs 'virby-boot was killed; asking the guest to power off' "$log"
  run ! occurs 'virby-boot was killed; telling the driver to quit' "$log"
}

@test "TERM to virbyd mid-build: the client is told, the guest powered off cleanly" {
  serve
  build long 600 >out 2>err 3>&- &
  client=$!
  eventually "$PATIENCE" eval 'guest pgrep -G nixbld >/dev/null'
  began=$(now)
  kill -TERM "$(cat virbyd.pid)"
  eventually 60 ended 1 0
  figure "TERM: all ended after $(since "$began")"
  status=0
  wait "$client" || status=$?
  [ "$status" -ne 0 ]
  [ ! -s out ]
  occurs 'stopping why=signal' "$log"
  occurs 'stopped how=asked status=0' "$log"
  nothing_left
  clean_disk
}
